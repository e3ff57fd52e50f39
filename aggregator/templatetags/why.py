"""Why an Outage was raised, for the back office."""

from django import template

from aggregator.models import Outage
from aggregator.why import Why, why

register = template.Library()


@register.simple_tag(name="why")
def why_tag(outage: Outage) -> Why:
    """The numbers behind each move of an Outage, and how its Service looks now."""
    return why(outage)
