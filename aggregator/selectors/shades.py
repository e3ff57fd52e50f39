"""Where Services are reported more than usual now: what maps and pages of places show."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple, TypedDict

import msgspec
from django.db.models import Case, F, FloatField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from aggregator.levels import BOUNDS, LONG_MINUTES, SHORT_MINUTES, SHRINK, least_level, level
from aggregator.models import PlaceStatus
from aggregator.models.picture import Verdict
from aggregator.privacy import FEWER_THAN
from aggregator.selectors.places import PlaceNow, place_now, places

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

WRONG = (Verdict.POSSIBLE, Verdict.MAJOR)
COMPARED = Coalesce("recent", "observed")
# Of the whole Service in as many minutes.
_WHOLE = F("service__status__expected") * Case(
    When(recent=None, then=Value(LONG_MINUTES / SHORT_MINUTES)), default=Value(1.0)
)
USUAL = Case(
    When(expected=None, then=Coalesce(_WHOLE, 0.0)),
    default=Coalesce("recent_expected", "expected"),
    output_field=FloatField(),
)
# Where a Trouble has it.
VERDICT = 4


class Compared(TypedDict):
    """What `_compared()` adds to its rows."""

    compared: int
    usual: float


class Shade(msgspec.Struct, frozen=True, kw_only=True):
    """A Service in one Region, and how far it is above the usual (`aggregator.levels`).

    Attributes:
        place: the Region, and the Reports of its last hour.
        minutes: over which it is compared.
        count: Reports of these minutes.
        expected: Reports expected in them; while that is not known, those of the whole Service.
        level: how far the one is above the other; None where nobody can tell.
    """

    place: PlaceNow
    minutes: int
    count: int
    expected: float
    level: int | None

    @property
    def badness(self) -> tuple[int, float, str]:
        """What lists are sorted by, the worst first."""
        return -(self.level or 0), self.expected - self.count, self.place.region


class Trouble(NamedTuple):
    """A Service in one Region, as lists of several Services show it.

    `observed` and `expected` (None: not known yet) are Reports of the last hour, `compared` and
    `usual` of the minutes that its level is told by.
    """

    region: str
    name: str
    slug: str
    service: str
    verdict: str
    observed: int
    expected: float | None
    compared: int
    usual: float

    @property
    def level(self) -> int | None:
        """How far it is above the usual there; None where nobody can tell."""
        told = least_level if self.expected is None else level
        return told(self.compared, self.usual)


def shades(service_id: int) -> list[Shade]:
    """A Service's Regions whose counts are published, the worst first. One query."""
    rows = places(service_id).annotate(compared=COMPARED, usual=USUAL)
    found = map(_shade, rows.filter(compared__gte=FEWER_THAN))
    return sorted(found, key=lambda one: one.badness)


def troubles(*, parent: str | None = None, region: str | None = None) -> list[Trouble]:
    """Where Services with an Outage stand out, the worst first, then where nobody can tell.

    One query.

    Args:
        parent: only in the Regions right below this one; the empty code: in countries.
        region: only in this Region.
    """
    rows = _compared().filter(
        service__status__verdict__in=WRONG,
        compared__gte=FEWER_THAN,
    )
    is_above = Q(compared__gte=BOUNDS[0] * (F("usual") + SHRINK) - SHRINK)
    rows = rows.filter(is_above | Q(expected=None))
    if parent is not None:
        rows = rows.filter(region__parent_id=parent)
    if region is not None:
        rows = rows.filter(region_id=region)
    return sorted(
        _troubles(rows), key=lambda one: (-(one.level or 0), one.usual - one.compared, one.slug)
    )


def reported_in(region: str, size: int) -> list[Trouble]:
    """The Services with the most published Reports in a Region. One query."""
    rows = _compared().filter(region_id=region, observed__gte=FEWER_THAN)
    return list(_troubles(rows.order_by("-observed", "service__slug")[:size]))


def _troubles(rows: "QuerySet[WithAnnotations[PlaceStatus, Compared]]") -> Iterable[Trouble]:
    columns = rows.values_list(
        "region_id",
        "region__name",
        "service__slug",
        "service__name",
        "service__status__verdict",
        "observed",
        "expected",
        "compared",
        "usual",
    )
    return (
        Trouble._make((*row[:VERDICT], row[VERDICT] or Verdict.UNKNOWN.value, *row[VERDICT + 1 :]))
        for row in columns
    )


def _shade(row: "WithAnnotations[PlaceStatus, Compared]") -> Shade:
    told = least_level if row.expected is None else level
    return Shade(
        place=place_now(row),
        minutes=LONG_MINUTES if row.recent is None else SHORT_MINUTES,
        count=row.compared,
        expected=row.usual,
        level=told(row.compared, row.usual),
    )


def _compared() -> "QuerySet[WithAnnotations[PlaceStatus, Compared]]":
    """Active Services in Regions, with what their levels are told by."""
    rows = PlaceStatus.objects.filter(service__is_active=True)
    return rows.annotate(compared=COMPARED, usual=USUAL)
