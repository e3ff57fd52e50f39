"""What maps show and say: the words around `web.maps`, from rows that hold the answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from aggregator.levels import LONG_MINUTES, SHORT_MINUTES
from aggregator.models import ServiceStatus
from aggregator.models.picture import Verdict
from aggregator.selectors.course import Course
from aggregator.selectors.shades import Shade, Trouble
from reports.geography import WORLD, regions
from reports.models import Service
from reports.names import ENGLISH, local_name
from web import map_words
from web.atlas import mapped, outline
from web.map_words import Entry
from web.maps import Area, Caption, draw
from web.wording import listed

MOST_LISTED = 8
MOST_SERVICES = 3
# The map of one country stands for a Service when so much of what has a place comes from there.
MOST_OF_IT = 0.5
LEVELS: tuple[str | Promise, ...] = (
    gettext_lazy("as usual"),
    gettext_lazy("2 times the usual"),
    gettext_lazy("3 times"),
    gettext_lazy("5 times"),
    gettext_lazy("10 times or more"),
)


@dataclass(frozen=True, slots=True)
class Picture:
    """A map and what stands beside it.

    Attributes:
        svg: the drawing.
        said: what it says, in a sentence.
        entries: the places above the usual, the worst first.
        beyond: what is said of Reports that the map has no place for; perhaps nothing.
        compared: what span of time it looks at, in a sentence; empty where the page says it.
        legend: each level and its word.
        known: whether anybody can tell.
        is_partly_known: whether nobody can tell for some places.
        larger: the address of the same map alone.
    """

    svg: SafeString
    said: str
    entries: Sequence[Entry]
    beyond: str
    compared: str = ""
    known: bool = True
    is_partly_known: bool = False
    larger: str = ""

    @property
    def legend(self) -> list[tuple[int, str | Promise]]:
        """Each level and its word."""
        return list(enumerate(LEVELS))


def place_name(code: str, name: str = "") -> str:
    """A Region's name in the reader's language."""
    known = regions().get(code)
    return local_name(code, name or (known.name if known else code), get_language() or ENGLISH)


def service_map(
    service: Service, status: ServiceStatus | None, found: Sequence[Shade], code: str | None = None
) -> Picture:
    """Where a Service is reported now (no query).

    Args:
        service: the Service.
        status: what is known of it.
        found: its `shades()`.
        code: the Region to show; when not given, the country most of it is in, else the world.

    Raises:
        KeyError: for a Region without a map.
    """
    minutes = found[0].minutes if found else LONG_MINUTES
    shown = _main_country(found) if code is None else code
    known = status is not None and status.verdict != Verdict.UNKNOWN
    inside = [one for one in found if (one.place.parent or WORLD) == shown]
    rest = _total(found, status, shown) - sum(one.count for one in inside)
    worst = [one for one in inside if one.level != 0] if known else []
    entries = [_shade_entry(rank, one) for rank, one in enumerate(worst[:MOST_LISTED], 1)]
    areas = [_shade_area(one, rank) for rank, one in enumerate(worst, 1)]
    said = map_words.said(entries, [one.level for one in worst], known=known)
    title = _("Where %(service)s is reported: %(place)s") % {
        "service": service.name,
        "place": place_name(shown),
    }
    drawn = outline(shown)
    return Picture(
        svg=SafeString(draw(drawn, _sheet(shown), areas, Caption("map", title, said), known=known)),
        said=said,
        entries=entries,
        beyond=map_words.beyond(rest, shown, place_name(shown)),
        compared=map_words.compared(minutes),
        known=known,
        is_partly_known=any(one.level is None for one in worst),
        larger=f"{map_address(shown)}?service={service.slug}",
    )


def trouble_map(found: Sequence[Trouble], code: str = WORLD, *, is_wide: bool = False) -> Picture:
    """Where Services with an Outage stand out, in the Regions right below one (no query).

    Args:
        found: of `troubles(parent=code)`.
        code: the Region to show.
        is_wide: whether every place leads to its page, also those that are as usual.

    Raises:
        KeyError: for a Region without a map.
    """
    by_place = {
        region: list(those)
        for region, those in groupby(sorted(found, key=lambda one: one.region), _region)
    }
    # Those of one place are the worst first already, and so is the order of places.
    worst = list(dict.fromkeys(one.region for one in found))
    entries = [_trouble_entry(rank, by_place[region]) for rank, region in enumerate(worst, 1)]
    areas = [
        Area(
            one,
            by_place[one][0].level,
            f"{entry.name}: {entry.note}",
            entry.address,
            _listed(entry.rank),
        )
        for one, entry in zip(worst, entries, strict=True)
    ]
    drawn = outline(code)
    if is_wide:
        areas += [
            Area(one, 0, place_name(one), region_address(one))
            for one in drawn.labels
            if one not in by_place and one in regions()
        ]
    said = map_words.said(entries, [one.level for one in entries], known=True)
    title = _("Where services fail now: %(place)s") % {"place": place_name(code)}
    return Picture(
        svg=SafeString(draw(drawn, _sheet(code), areas, Caption("map", title, said))),
        said=said,
        entries=entries[:MOST_LISTED],
        beyond="",
        compared=map_words.compared_of_all(),
        is_partly_known=any(one.level is None for one in entries),
        larger=map_address(code),
    )


def course_map(gone: Course, index: int, code: str, service: str) -> Picture:
    """How far places were above the usual at one instant of an Outage (no query).

    It says levels and no counts: those of spans that overlap could be subtracted.

    Args:
        gone: the course of the Outage.
        index: of the instant.
        code: the Region whose parts are shown.
        service: its name.

    Raises:
        KeyError: for a Region without a map.
    """
    levels = gone.levels()
    worst = [one for one in gone.shades(index) if one.level] if gone.known else []
    entries = [
        Entry(
            rank, place_name(region), region_address(region), one.level, str(LEVELS[one.level or 0])
        )
        for rank, one in enumerate(worst, 1)
        for region in [one.place.region]
    ]
    ranked = [one.place.region for one in worst]
    areas = [
        Area(
            one,
            levels[one][index],
            place_name(one),
            region_address(one),
            _listed(rank) if rank <= len(ranked) else None,
            "".join(map(str, levels[one])),
        )
        for rank, one in enumerate([*ranked, *sorted(levels.keys() - set(ranked))], 1)
    ]
    said = map_words.said(entries, [one.level for one in entries], known=gone.known)
    title = _("Where %(service)s was reported: %(place)s") % {
        "service": service,
        "place": place_name(code),
    }
    drawn = outline(code)
    return Picture(
        svg=SafeString(
            draw(drawn, _sheet(code), areas, Caption("map", title, said), known=gone.known)
        ),
        said=said,
        entries=entries[:MOST_LISTED],
        beyond="",
        known=gone.known,
    )


def map_address(code: str) -> str:
    """The address of the map of a Region."""
    return reverse("map") if code == WORLD else reverse("map-of", args=[code])


def region_address(code: str) -> str:
    """The address of a Region's page."""
    return reverse("region", args=[code])


def _listed(rank: int) -> int | None:
    """A rank, if the list goes so far."""
    return rank if rank <= MOST_LISTED else None


def _region(one: Trouble) -> str:
    return one.region


def _sheet(code: str) -> str:
    drawn = outline(code)
    # The same in every language, so that it is kept once.
    return f"/maps/{drawn.name}-{drawn.digest}.svg"


def _main_country(found: Sequence[Shade]) -> str:
    countries = [one for one in found if one.place.parent is None]
    total = sum(one.count for one in countries)
    first = max(countries, key=lambda one: one.count, default=None)
    if first is None or first.place.region not in mapped():
        return WORLD
    is_most = first.count > MOST_OF_IT * total
    has_parts = any(one.place.parent == first.place.region for one in found)
    return first.place.region if is_most and has_parts else WORLD


def _total(found: Sequence[Shade], status: ServiceStatus | None, code: str) -> int:
    """The published Reports of the Region shown, over the minutes that places are compared."""
    if code != WORLD:
        return next((one.count for one in found if one.place.region == code), 0)
    is_short = bool(found) and found[0].minutes == SHORT_MINUTES
    return (status.observed if is_short else status.last_hour) if status else 0


def _shade_entry(rank: int, one: Shade) -> Entry:
    code = one.place.region
    return Entry(
        rank, place_name(code, one.place.name), region_address(code), one.level, map_words.note(one)
    )


def _shade_area(one: Shade, rank: int) -> Area:
    name = place_name(one.place.region, one.place.name)
    return Area(
        one.place.region,
        one.level,
        f"{name}: {map_words.note(one)}",
        region_address(one.place.region),
        _listed(rank),
    )


def _trouble_entry(rank: int, those: Sequence[Trouble]) -> Entry:
    first = those[0]
    named = listed(one.service for one in those[:MOST_SERVICES])
    more = len(those) - MOST_SERVICES
    if more > 0:
        named = ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", more) % {
            "names": named,
            "n": more,
        }
    name = place_name(first.region, first.name)
    return Entry(rank, name, region_address(first.region), first.level, named)
