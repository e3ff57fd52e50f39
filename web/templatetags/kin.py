"""What often fails together with a Service, in words."""

from datetime import timedelta

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from aggregator.selectors.kin import Kin, kin
from aggregator.spoken import duration
from reports.models import Service

register = template.Library()
MOST = 5
# Nearer than this, onsets are told as one.
SAME = timedelta(minutes=2)


@register.inclusion_tag("web/kin.html")
def fails_together(service: Service) -> dict[str, object]:
    """The closest few; nothing where there are none (one query, up to five)."""
    found = kin(service.pk, timezone.now())[:MOST]
    return {"service": service, "kin": [(one, times(one), lag_words(one)) for one in found]}


def times(one: Kin) -> str:
    """How often, of how many."""
    return _("%(together)s of %(n)s outages") % {"together": one.together, "n": one.outages}


def lag_words(one: Kin) -> str:
    """When the other one begins to fail."""
    lag = timedelta(minutes=one.lag_minutes)
    if abs(lag) < SAME:
        return _("at the same time")
    words = _("about %(length)s later") if lag > SAME else _("about %(length)s earlier")
    return words % {"length": duration(abs(lag))}
