"""What the vendor says itself, beside what people report, in the words of a page."""

from django import template
from django.conf import settings
from django.utils import timezone

from aggregator.models import Outage
from aggregator.selectors import leads, official
from aggregator.selectors.official import Face
from aggregator.spoken import lead_words
from reports.models import Service
from web.vendors import history, says

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
        "says": says(found.face, found.kind, found.indicator, found.description),
        "is_doubtful": found.face in {Face.DEAD, Face.SILENT},
        "acknowledged": told,
        "lead": lead_words(told.lead) if told else "",
        "work": next((one for one in found.incidents if _is_coming(one)), None),
        "history": history(found.record),
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


def _is_coming(one: official.IncidentNow) -> bool:
    """Whether it is maintenance that is not over."""
    return one.kind == "maintenance" and one.resolved_at is None and one.scheduled_for is not None
