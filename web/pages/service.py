"""`/services/{slug}/`: is it down, is it just me, where, since when."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from aggregator.models import Outage, ServiceStatus
from aggregator.models.picture import Verdict
from aggregator.selectors import leads, series
from aggregator.selectors.outages import Wanted, outages
from aggregator.selectors.places import busiest
from aggregator.selectors.posts import recent_posts
from aggregator.selectors.problems import ProblemNow, problems
from aggregator.selectors.services import evaluated_until, services_to_report, services_with_status
from aggregator.selectors.shades import Shade, shades
from aggregator.selectors.spans import Span, Step, span
from reports import comments, site_settings, votes
from reports.geography import Kind, plain
from reports.geography import regions as all_regions
from reports.models import Service
from reports.models.place import RegionKind
from web.charts import TICKS, Bucket, Chart, Period, draw
from web.mapping import place_name, service_map
from web.maps import Caption
from web.pages.answer import page
from web.pages.home import usual
from web.pages.place import name_of
from web.telling import main_places, main_problems
from web.templatetags.instants import RECENT, instant
from web.templatetags.words import spoken
from web.wording import WORD, Particulars, question, reports, verdict_sentence

HOUR = timedelta(hours=1)
MOST_PLACES = 10
MOST_PAST = 5
# So many at most are marked in a chart.
MOST_OUTAGES = 50
# Stands for an instant in a sentence until the sentence is escaped.
SINCE = "\x00"


@dataclass(frozen=True, slots=True)
class Range:
    """A span that the chart can show.

    Attributes:
        name: what an address calls it.
        word: what people call it.
        step: the width of a bar.
        length: whole bars.
        ticks: equal parts of the time axis.
    """

    name: str
    word: str | Promise
    step: Step
    length: timedelta
    ticks: int = TICKS


RANGES = {
    one.name: one
    for one in (
        Range("24h", gettext_lazy("24 hours"), Step.QUARTER, timedelta(hours=24)),
        Range("7d", gettext_lazy("7 days"), Step.HOUR, timedelta(days=7), 7),
        Range("30d", gettext_lazy("30 days"), Step.HOUR, timedelta(days=30), 5),
    )
}
DAY = RANGES["24h"]


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody has entered, and what is wrong with it, by field."""

    region: str = ""
    comment: str = ""
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment as the page shows it; `place` is a country, however exactly it is known."""

    id: UUID
    place: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """What is said of a Service now."""

    verdict: str
    word: object
    usual: object


@require_safe
def service(request: HttpRequest, slug: str) -> HttpResponseBase:
    """The page of a Service; `?region=` enters a place into its form, `?range=` sets its chart."""
    place = all_regions().get(request.GET.get("region") or "nowhere")
    form = Form(region=name_of(place.code) if place else "")
    found = known(services_to_report(), slug)
    context = service_context(found, form, _range(request))
    return page(request, "web/service.html", {**context, "flagged": "flagged" in request.GET})


@require_safe
def service_live(request: HttpRequest, slug: str) -> HttpResponseBase:
    """What of a Service's page changes, for the open page to fetch."""
    found = known(services_with_status(), slug)
    return page(request, "web/service_live.html", now_context(found, _range(request)))


@require_safe
def thanks(request: HttpRequest, slug: str) -> HttpResponseBase:
    """What a sender sees after their Report or vote: how many there were in the last hour."""
    found = known(services_with_status(), slug)
    now = timezone.now()
    hour = span(Step.MINUTE, now, start=now - HOUR)
    # Counting may be a few seconds behind the Report that led here.
    count = max(1, sum(series.counts(found.pk, hour).values()))
    context = {
        "service": found,
        "row": row(found),
        "count": count,
        "votes": votes.recent(found.pk, now),
        "again": "again" in request.GET,
        "works": "works" in request.GET,
    }
    return page(request, "web/thanks.html", context)


def known(rows: QuerySet[Service], slug: str) -> Service:
    """The Service of a slug among some.

    Raises:
        Http404: when there is none.
    """
    try:
        return rows.get(slug=slug)
    except Service.DoesNotExist:
        raise Http404 from None


def row(found: Service) -> Row:
    """What is said of a Service of `services_with_status()`."""
    status: ServiceStatus | None = getattr(found, "status", None)
    verdict = status.verdict if status else Verdict.UNKNOWN
    return Row(verdict, WORD[verdict], usual(status))


def service_context(found: Service, form: Form, shown: Range = DAY) -> dict[str, object]:
    """What the page of a Service shows: what changes, and the form."""
    offers = site_settings.current().offers
    countries = [
        place_name(code)
        for code, one in all_regions().items()
        if one.kind is Kind.COUNTRY and offers(code)
    ]
    return {**now_context(found, shown), "form": form, "known_places": sorted(countries, key=plain)}


def now_context(found: Service, shown: Range) -> dict[str, object]:
    """What of a Service's page changes (twelve queries; one more where public posts are read)."""
    now = timezone.now()
    status: ServiceStatus | None = getattr(found, "status", None)
    length = span(shown.step, now, start=now - shown.length + _width(shown))
    marked = list(
        outages(Wanted(service=found.slug, since=length.start)).order_by("-started_at", "-id")[
            :MOST_OUTAGES
        ]
    )
    outage = next((one for one in marked if one.ended_at is None), None)
    ended = outages(Wanted(service=found.slug)).filter(ended_at__isnull=False)
    ranked = problems(found.pk, now - HOUR)
    places = shades(found.pk)
    return {
        "service": found,
        "status": status,
        "at": evaluated_until(),
        "row": row(found),
        "outage": outage,
        "votes": votes.recent(found.pk, now),
        "posts": recent_posts(found.pk, now),
        "past": ended.order_by("-started_at", "-id")[:MOST_PAST],
        "question": question(found.name),
        **_answer(found, outage, ranked, places),
        "chart": chart(found, length, marked, ticks=shown.ticks),
        "chart_dated": "day" if shown.step is Step.HOUR else "",
        "range": shown,
        "ranges": RANGES.values(),
        "problems": ranked,
        "countries": busiest(found.pk, RegionKind.COUNTRY, MOST_PLACES),
        "subdivisions": busiest(found.pk, RegionKind.SUBDIVISION, MOST_PLACES),
        "map": service_map(found, status, places),
        "comments": [_remark(one) for one in comments.recent(found.pk, now)],
    }


def _remark(one: comments.ShownComment) -> Remark:
    country = one.region.partition("-")[0]
    return Remark(one.id, place_name(country) if country else "", one.received_at, one.text)


def _answer(
    found: Service, outage: Outage | None, ranked: Sequence[ProblemNow], places: Sequence[Shade]
) -> dict[str, object]:
    """The answer as plain text, and as HTML whose instant a reader sees in their own zone."""
    said = row(found)
    text = verdict_sentence(
        found.name,
        said.verdict,
        usual(getattr(found, "status", None)),
        Particulars(
            since=SINCE if outage else "",
            problems=[spoken(one) for one in main_problems(ranked)],
            places=[place_name(one.place.region, one.place.name) for one in main_places(places)],
        ),
    )
    at = outage.started_at.astimezone(UTC) if outage else None
    is_today = at is not None and timezone.now() - at < RECENT
    time = instant(at, "your" if is_today else "date") if at else ""
    plain = f"{at:%H:%M} UTC" if at else ""
    return {
        "answer": text.replace(SINCE, plain),
        "sentence": SafeString(escape(text).replace(SINCE, time)),
    }


def _range(request: HttpRequest) -> Range:
    """The range an address asks for.

    Raises:
        BadRequest: for one that there is not.
    """
    try:
        return RANGES[request.GET.get("range") or DAY.name]
    except KeyError:
        raise BadRequest from None


def _width(shown: Range) -> timedelta:
    return timedelta(minutes=15) if shown.step is Step.QUARTER else HOUR


def chart(found: Service, shown: Span, past: Sequence[Outage], *, ticks: int = TICKS) -> Chart:
    """A Service's Reports over a span, its Outages, and when the vendor acknowledged them.

    Three queries, up to two more where the vendor declares incidents.
    """
    stand = [one for one in past if not one.retracted_at]
    told = leads.beside(stand, timezone.now()).values()
    words = sorted(one.vendor.acknowledged_at for one in told)
    marks = [at for at in words if shown.start <= at <= shown.end]
    counts = series.counts(found.pk, shown)
    bands = series.bands(found.pk, shown)
    buckets = [_bucket(start, counts, bands) for start in shown.starts()]
    peak = max(buckets, key=lambda bucket: bucket.count)
    most = _("The most were %(reports)s at %(time)s UTC.") % {
        "reports": reports(peak.count),
        "time": f"{peak.start:%Y-%m-%d %H:%M}",
    }
    title = _("Reports about %(service)s over time") % {"service": found.name}
    said = most if peak.count else _("Nobody reported anything.")
    return draw(
        buckets,
        [Period(one.started_at, one.ended_at) for one in stand],
        Caption("chart", title, " ".join([said, *map(_acknowledged, marks)])),
        ticks=ticks,
        marks=marks,
    )


def _acknowledged(at: datetime) -> str:
    words = _("The vendor acknowledged an outage at %(time)s UTC.")
    return words % {"time": f"{at:%Y-%m-%d %H:%M}"}


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
