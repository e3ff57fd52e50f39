"""`/outages/{id}/`: how one Outage went."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from aggregator.models import Outage
from aggregator.outage_json import EventDocument
from aggregator.selectors.course import Course, course, main_countries
from aggregator.selectors.outages import Wanted, joined_into, moves, notes, outages
from aggregator.selectors.problems import ranked_slugs
from aggregator.selectors.services import evaluated_until
from aggregator.selectors.spans import LONGEST, WIDTH, Span, Step, span, utc
from aggregator.spoken import duration
from reports.geography import WORLD
from reports.models import ProblemType, Region
from web.atlas import mapped
from web.charts import TICKS
from web.mapping import course_map, place_name
from web.pages.answer import LONG_SECONDS, SHORT_SECONDS, page
from web.pages.service import chart
from web.templatetags.words import spoken
from web.wording import MOVE, Usual, move_numbers

MOST_COUNTRIES = 3
# What is shown before and after an Outage, to see it rise and fall.
MARGIN = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Line:
    """One move in the timeline."""

    event: EventDocument
    word: object
    numbers: str
    places: str


@require_safe
def outage(request: HttpRequest, outage_id: int) -> HttpResponseBase:
    """The course of one Outage; its address never changes.

    Raises:
        Http404: when there is none of this id.
    """
    found = outages(Wanted()).filter(pk=outage_id).first()
    if found is None:
        if whole := joined_into(outage_id):
            return redirect("outage", whole, permanent=True)
        raise Http404
    now = timezone.now()
    place = _place(request, found)
    gone = course(found, place, now)
    index = _index(request, gone)
    usual = Usual(found.peak_count, found.expected_at_peak, 0, 0)
    context = {
        "outage": found,
        "usual": usual,
        "lines": _lines(found),
        "notes": notes(found.pk),
        "length": duration((found.ended_at or now) - found.started_at),
        "delay": duration(found.detected_at - found.started_at),
        "types": _type_names(found),
        "places": sorted(_region_names(found.regions).values()) if found.region_id else [],
        "chart": chart(found.service, _around(found), [found]),
        "map": course_map(gone, index, place, found.service.name),
        "frames": gone.frames,
        "shown": index,
        "moment": gone.frames[index],
        # What is over grows no older.
        "at": None if found.ended_at else evaluated_until(),
        "is_peak": index == gone.peak,
        "shown_place": place,
        "maps": _maps(found, place, now),
    }
    # Even one that is over may be annotated or retracted.
    kept = LONG_SECONDS if found.ended_at else SHORT_SECONDS
    return page(request, "web/outage.html", context, max_age=kept)


def _place(request: HttpRequest, found: Outage) -> str:
    """The Region whose parts the map shows: the one asked for, else the country it was in.

    Raises:
        BadRequest: for a Region without a map.
    """
    asked = request.GET.get("map")
    if asked is not None:
        if asked not in mapped():
            raise BadRequest
        return asked
    country = found.region_id.partition("-")[0]
    return country if country in mapped() else WORLD


def _maps(found: Outage, place: str, now: datetime) -> list[tuple[str, str]]:
    """The codes and names of the maps that can be chosen: the world, and where it was most."""
    countries = [one for one in main_countries(found, now, MOST_COUNTRIES) if one in mapped()]
    return [(code, place_name(code)) for code in dict.fromkeys((WORLD, *countries, place))]


def _index(request: HttpRequest, gone: Course) -> int:
    """The instant asked for, else the peak.

    Raises:
        BadRequest: for what is no instant.
    """
    asked = request.GET.get("at")
    if not asked:
        return gone.peak
    try:
        return gone.nearest(utc(datetime.fromisoformat(asked)))
    except (ValueError, TypeError) as error:
        raise BadRequest from error


def _lines(found: Outage) -> list[Line]:
    """The timeline, oldest move first; places only where they changed (two queries)."""
    events = moves(found.pk)
    names = _region_names([code for event in events for code in event.regions])
    lines, before = [], ""
    for event in events:
        places = ", ".join(names.get(code, code) for code in event.regions)
        said = places if places != before else ""
        lines.append(Line(event, MOVE[event.kind], move_numbers(event), said))
        before = places
    return lines


def _region_names(codes: list[str]) -> dict[str, str]:
    rows = Region.objects.filter(code__in=codes).values_list("code", "name")
    return {code: place_name(code, name) for code, name in rows}


def _type_names(found: Outage) -> list[str]:
    slugs = ranked_slugs([found]).get(found.pk, [])
    names = dict(
        ProblemType.objects.filter(service_id=found.service_id).values_list("slug", "name")
    )
    return [spoken(names[slug]) for slug in slugs if slug in names]


def _around(found: Outage) -> Span:
    """The Outage and a while before and after, in steps that keep the chart readable."""
    now = timezone.now()
    start = found.started_at - MARGIN
    end = min((found.ended_at or now) + MARGIN, now)
    step = Step.QUARTER if end - start <= timedelta(days=3) else Step.HOUR
    shown = span(step, now, start=max(start, end - LONGEST[step] + MARGIN), end=end)
    # A number of buckets that the axis divides into whole ones.
    missing = -len(shown.starts()) % TICKS
    return replace(shown, start=shown.start - missing * WIDTH[step])
