"""Why an Outage was raised, for the back office."""

from django import template

from aggregator.models import Outage
from aggregator.why import Why, asked, why

register = template.Library()


@register.simple_tag(name="why")
def why_tag(outage: Outage) -> Why:
    """The numbers behind each move of an Outage, and how its Service looks now."""
    return why(outage)


@register.simple_tag
def detector_asked(outage: Outage) -> str:
    """What the detector would say of it now by itself."""
    return asked(outage)
