"""What the vendor says itself, beside what people report, in the words of a page."""

from datetime import timedelta

from django import template
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from aggregator.models import Outage
from aggregator.selectors import leads, official
from aggregator.selectors.official import Face, OfficialNow
from aggregator.spoken import duration, lead_words
from reports.models import Service

register = template.Library()


@register.inclusion_tag("web/official.html")
def official_word(service: Service, outage: Outage | None) -> dict[str, object]:
    """The vendor's word now, how long it took, and how it did so far; nothing when not read.

    Costs one query where the vendor's page is not read, else up to eight.
    """
    row = official.watched_services().filter(pk=service.pk).first()
    if row is None:
        return {"official": None}
    now = timezone.now()
    found = official.official_now(row, now)
    told = leads.beside([outage], now).get(outage.pk) if outage else None
    return {
        "official": found,
        "is_probe": found.kind == "probe",
        "says": _says(found),
        "is_doubtful": found.face in {Face.DEAD, Face.SILENT},
        "acknowledged": told,
        "lead": lead_words(told.lead) if told else "",
        "work": next((one for one in found.incidents if _is_coming(one)), None),
        "history": _history(found.record),
    }


@register.inclusion_tag("web/acknowledged.html")
def acknowledged(outage: Outage) -> dict[str, object]:
    """The vendor's incident of an Outage and the lead, as a fact of its page (two queries)."""
    told = leads.beside([outage], timezone.now()).get(outage.pk)
    return {"acknowledged": told, "lead": lead_words(told.lead) if told else ""}


@register.inclusion_tag("web/elsewhere.html")
def elsewhere(service: Service) -> dict[str, object]:
    """Feeds, the badge and the card of a Service, with what to paste."""
    page = f"{settings.ENV.site_url}/services/{service.slug}/"
    return {
        "service": service,
        "badge_code": f"[![{service.name}]({page}badge.svg)]({page})",
        "card_code": f'<iframe src="{page}card/" title="{service.name}" width="340" height="120"'
        ' style="border:0"></iframe>',
        "face": f"/services/{service.slug}/api/v2/summary.json",
    }


def _says(found: OfficialNow) -> str:
    if found.face == Face.UNREAD:
        return _("not read yet")
    if found.kind == "probe":
        return _("answers") if found.indicator == "none" else _("does not answer")
    named = {
        "none": _("all is well"),
        "minor": _("minor trouble"),
        "major": _("major trouble"),
        "critical": _("critical trouble"),
        "maintenance": _("maintenance"),
    }
    return found.description or named.get(found.indicator, found.indicator)


def _is_coming(one: official.IncidentNow) -> bool:
    """Whether it is maintenance that is not over."""
    return one.kind == "maintenance" and one.resolved_at is None and one.scheduled_for is not None


def _history(found: leads.LeadRecord) -> str:
    """The record in a sentence; empty without one."""
    if not found.n:
        return ""
    said = {
        "first": found.crowd_first,
        "n": found.n,
        "median": duration(timedelta(minutes=abs(found.median or 0))),
        "silent": found.crowd_only,
    }
    if (found.median or 0) > 0:
        words = _("People here were first in %(first)s of %(n)s outages, by %(median)s (median).")
    else:
        words = _("People here were first in %(first)s of %(n)s outages; the vendor by %(median)s.")
    if found.crowd_only:
        words += " " + _("%(silent)s more were never acknowledged.")
    return words % said
