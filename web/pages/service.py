"""`/services/{slug}/`: is it down, is it just me, where, since when."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aggregator.models import Outage, ServiceStatus
from aggregator.selectors import series
from aggregator.selectors.catalogue import regions
from aggregator.selectors.outages import Wanted, outages
from aggregator.selectors.places import busiest
from aggregator.selectors.problems import problems
from aggregator.selectors.services import services_in_detail, services_with_status
from aggregator.selectors.spans import Span, Step, span
from reports.geography import regions as all_regions
from reports.models import Service
from reports.models.place import RegionKind
from web.charts import Bucket, Chart, Period, draw
from web.pages.answer import page
from web.pages.home import row
from web.wording import question, reports, verdict_sentence

HOUR = timedelta(hours=1)
DAY = timedelta(hours=24)
QUARTER = timedelta(minutes=15)
MOST_PLACES = 10
MOST_OUTAGES = 5


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody has entered, and what is wrong with it, by field."""

    region: str = ""
    comment: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@require_safe
def service(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The page of a Service; `?region=` enters a place into its form."""
    place = all_regions().get(request.GET.get("region") or "nowhere")
    form = Form(region=place.name if place else "")
    return page(
        request, "web/service.html", service_context(known(services_in_detail(), slug), form)
    )


@require_safe
def thanks(request: HttpRequest, slug: str) -> HttpResponseBase:
    """What a sender sees after their Report: how many there were in the last hour."""
    found = known(services_with_status(), slug)
    now = timezone.now()
    hour = span(Step.MINUTE, now, start=now - HOUR)
    # Counting may be a few seconds behind the Report that led here.
    count = max(1, sum(series.counts(found.pk, hour).values()))
    context = {"service": found, "row": row(found), "count": count}
    return page(request, "web/thanks.html", {**context, "again": "again" in request.GET})


def known(rows: QuerySet[Service], slug: str) -> Service:
    """The Service of a slug among some.

    Raises:
        Http404: when there is none.
    """
    try:
        return rows.get(slug=slug)
    except Service.DoesNotExist:
        raise Http404 from None


def service_context(found: Service, form: Form) -> dict[str, object]:
    """What the page of a Service shows (seven queries)."""
    now = timezone.now()
    status: ServiceStatus | None = getattr(found, "status", None)
    shown = row(found)
    day = span(Step.QUARTER, now, start=now - DAY + QUARTER)
    past = list(outages(Wanted(service=found.slug)).order_by("-started_at", "-id")[:MOST_OUTAGES])
    return {
        "service": found,
        "status": status,
        "row": shown,
        "outage": next((one for one in past if one.ended_at is None), None),
        "past": [one for one in past if one.ended_at],
        "question": question(found.name),
        "answer": verdict_sentence(found.name, shown.verdict, shown.usual),
        "chart": chart(found, day, past),
        "problems": problems(found.pk, now - HOUR),
        "countries": busiest(found.pk, RegionKind.COUNTRY, MOST_PLACES),
        "subdivisions": busiest(found.pk, RegionKind.SUBDIVISION, MOST_PLACES),
        "known_places": regions(kind=RegionKind.COUNTRY).values_list("name", flat=True),
        "form": form,
    }


def chart(found: Service, shown: Span, past: Sequence[Outage]) -> Chart:
    """A Service's Reports over a span, with the Outages in it (two queries)."""
    counts = series.counts(found.pk, shown)
    bands = series.bands(found.pk, shown)
    buckets = [_bucket(start, counts, bands) for start in shown.starts()]
    peak = max(buckets, key=lambda bucket: bucket.count)
    description = _("The most were %(reports)s at %(time)s UTC.") % {
        "reports": reports(peak.count),
        "time": f"{peak.start:%H:%M}",
    }
    return draw(
        buckets,
        [Period(one.started_at, one.ended_at) for one in past if not one.retracted_at],
        title=_("Reports about %(service)s over time") % {"service": found.name},
        description=description if peak.count else _("Nobody reported anything."),
    )


def _bucket(
    start: datetime, counts: dict[datetime, int], bands: dict[datetime, series.Band]
) -> Bucket:
    band = bands.get(start)
    return Bucket(
        start,
        counts.get(start, 0),
        low=band.low if band else None,
        high=band.high if band else None,
    )
