"""`/`: what is wrong now, and everything else; and the search."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from aggregator.models import Outage, ServiceStatus
from aggregator.models.picture import Verdict
from aggregator.selectors import names
from aggregator.selectors.board import Tile, board
from aggregator.selectors.outages import Standing, Wanted, outages
from aggregator.selectors.services import evaluated_until
from aggregator.selectors.shades import troubles
from reports.geography import WORLD
from web.mapping import trouble_map
from web.pages.answer import page
from web.shelves import shelves
from web.sparks import spark
from web.templatetags.verdicts import mark
from web.templatetags.words import spoken
from web.wording import WORD, Usual

MOST_FOUND = 20
MOST_SUGGESTED = 6
# So many are shown with their day and their numbers; all the others as names.
MOST_SHOWN = 24
LONGEST_QUESTION = 80
SUGGESTION_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Row:
    """A Service in a list; `drawing` is its last day as SVG."""

    slug: str
    name: str
    verdict: str
    word: object
    usual: Usual | None
    drawing: SafeString


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """Open Outages, Services by what is wrong now, and all by Category; or what `q` finds."""
    now = timezone.now()
    asked = _asked(request)
    if asked:
        found = rows(_found(asked, MOST_FOUND), now)
        return page(request, "web/search.html", {"asked": asked, "found": found})
    category = request.GET.get("category")
    if category:
        return page(request, "web/category.html", _category(category, now))
    return page(request, "web/home.html", home_context(now))


@require_safe
def home_live(request: HttpRequest) -> HttpResponseBase:
    """What of the home page changes, for the open page to fetch."""
    return page(request, "web/home_live.html", home_context(timezone.now()))


@require_safe
def suggestions(request: HttpRequest) -> HttpResponseBase:
    """What `q` finds, as links below the field somebody types in."""
    asked = _asked(request)
    found = _found(asked, MOST_SUGGESTED) if asked else []
    shown = [(one.slug, one.name, one.verdict, WORD[one.verdict]) for one in found]
    context = {"asked": asked, "found": shown}
    return page(request, "web/suggestions.html", context, max_age=SUGGESTION_SECONDS)


def home_context(now: datetime) -> dict[str, object]:
    """What the home page shows (four queries)."""
    tiles = board()
    marks = {verdict.value: mark(verdict) for verdict in Verdict}
    address = reverse("service", args=["SLUG"]).replace("SLUG", "{}")
    worst = sorted(tiles, key=lambda one: one.badness)
    troubled = sum(one.verdict in {Verdict.MAJOR, Verdict.POSSIBLE} for one in tiles)
    told = [one for one in worst if one.verdict != Verdict.UNKNOWN or one.last_hour]
    return {
        "outages": open_outages(),
        "words": list(WORD.items()),
        "troubled": troubled,
        "rows": rows(told[: max(MOST_SHOWN, troubled)], now),
        "size": len(tiles),
        "shelves": SafeString(shelves(tiles, marks, address)),
        "map": trouble_map(troubles(parent=WORLD)),
        "at": evaluated_until(),
    }


def rows(tiles: Iterable[Tile], now: datetime) -> list[Row]:
    """Services as a list shows them, in the same order."""
    return [
        Row(
            slug=one.slug,
            name=one.name,
            verdict=one.verdict,
            word=WORD[one.verdict],
            usual=_usual(one),
            drawing=SafeString(spark(one.hours(now))),
        )
        for one in tiles
    ]


def usual(status: ServiceStatus | None) -> Usual | None:
    """The numbers of a status, where there is one."""
    if status is None:
        return None
    return Usual(status.observed, status.expected, status.low, status.high)


def open_outages() -> list[Outage]:
    """Outages that are not over, the latest first."""
    return list(outages(Wanted(state=Standing.OPEN)))


def _asked(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:LONGEST_QUESTION]


def _found(asked: str, size: int) -> list[Tile]:
    """What a search finds, best first. One query, two now and then."""
    slugs = names.slugs(asked, 2 * size)
    tiles = {one.slug: one for one in board(slugs=slugs)}
    return [tiles[slug] for slug in slugs if slug in tiles][:size]


def _category(slug: str, now: datetime) -> dict[str, object]:
    """What the page of a Category shows, the worst first (one query).

    Raises:
        Http404: when it has no Service.
    """
    tiles = board(category=slug)
    if not tiles:
        raise Http404
    shown = rows(sorted(tiles, key=lambda one: one.badness), now)
    return {"name": spoken(tiles[0].shelf), "slug": slug, "rows": shown}


def _usual(one: Tile) -> Usual | None:
    if one.observed is None or one.expected is None or one.low is None or one.high is None:
        return None
    return Usual(one.observed, one.expected, one.low, one.high)
