"""`/outages/` and `/outages/{id}/`: what happened, and how."""

from dataclasses import dataclass, replace
from datetime import timedelta
from urllib.parse import urlencode

import msgspec
from django.core.exceptions import BadRequest
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from aggregator.models import Outage
from aggregator.outage_json import EventDocument
from aggregator.selectors.catalogue import categories
from aggregator.selectors.outages import (
    NEWEST_FIRST,
    Standing,
    Wanted,
    moves,
    outages,
)
from aggregator.selectors.pages import BadCursorError, Cursor, cut, read_cursor
from aggregator.selectors.problems import ranked_slugs
from aggregator.selectors.spans import LONGEST, WIDTH, Span, Step, span
from reports.models import ProblemType, Region
from web.charts import TICKS
from web.pages.answer import page
from web.pages.service import chart
from web.wording import MOVE, STANDING, Usual, duration, move_numbers

PAGE_SIZE = 30
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
def archive(request: HttpRequest) -> HttpResponseBase:
    """All Outages, the latest first, perhaps of one Category or state only.

    Raises:
        BadRequest: for a cursor or state that there is not.
    """
    try:
        state = msgspec.convert(request.GET.get("state") or None, Standing | None)
        cursor = _cursor(request.GET.get("cursor", ""))
    except (msgspec.ValidationError, BadCursorError) as error:
        raise BadRequest from error
    shelves = list(categories())
    category = next((one.slug for one in shelves if one.slug == request.GET.get("category")), None)
    found = cut(outages(Wanted(category=category, state=state)), NEWEST_FIRST, PAGE_SIZE, cursor)
    asked = {"category": category or "", "state": state or ""}
    context = {
        "outages": found.items,
        "categories": shelves,
        "states": [(one.value, STANDING[one]) for one in Standing],
        "asked": asked,
        "older": _neighbour(asked, found.next),
        "newer": _neighbour(asked, found.previous),
    }
    return page(request, "web/outages.html", context)


@require_safe
def outage(request: HttpRequest, outage_id: int) -> HttpResponseBase:
    """The course of one Outage; its address never changes.

    Raises:
        Http404: when there is none of this id.
    """
    found = outages(Wanted()).filter(pk=outage_id).first()
    if found is None:
        raise Http404
    now = timezone.now()
    usual = Usual(found.peak_count, found.expected_at_peak, 0, 0)
    context = {
        "outage": found,
        "usual": usual,
        "lines": _lines(found),
        "length": duration((found.ended_at or now) - found.started_at),
        "delay": duration(found.detected_at - found.started_at),
        "types": _type_names(found),
        "places": sorted(_region_names(found.regions).values()) if found.region_id else [],
        "chart": chart(found.service, _around(found), [found]),
    }
    return page(request, "web/outage.html", context)


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
    return dict(Region.objects.filter(code__in=codes).values_list("code", "name"))


def _type_names(found: Outage) -> list[str]:
    slugs = ranked_slugs([found]).get(found.pk, [])
    names = dict(
        ProblemType.objects.filter(service_id=found.service_id).values_list("slug", "name")
    )
    return [names[slug] for slug in slugs if slug in names]


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


def _cursor(text: str) -> Cursor | None:
    return read_cursor(text, NEWEST_FIRST) if text else None


def _neighbour(asked: dict[str, str], cursor: Cursor | None) -> str:
    if cursor is None:
        return ""
    kept = {name: value for name, value in asked.items() if value}
    return "?" + urlencode({**kept, "cursor": cursor.text()})
