"""Where Services are reported more than usual now: what maps and pages of places show."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec
from django.db.models import F, QuerySet

from aggregator.levels import BOUNDS, SHRINK, level
from aggregator.models import PlaceStatus
from aggregator.models.picture import Verdict
from aggregator.privacy import FEWER_THAN
from aggregator.selectors.places import PlaceNow, place_now, places

WRONG = (Verdict.POSSIBLE, Verdict.MAJOR)


class Shade(msgspec.Struct, frozen=True, kw_only=True):
    """A Service in one Region, and how far it is above the usual (`aggregator.levels`)."""

    place: PlaceNow
    level: int

    @property
    def badness(self) -> tuple[int, float, str]:
        """What lists are sorted by, the worst first."""
        excess = (self.place.count or 0) - (self.place.expected or 0.0)
        return -self.level, -excess, self.place.region


class Trouble(NamedTuple):
    """A Service in one Region, as lists of several Services show it."""

    region: str
    name: str
    slug: str
    service: str
    verdict: str
    observed: int
    expected: float

    @property
    def level(self) -> int:
        """How far it is above the usual there."""
        return level(self.observed, self.expected)


def shades(service_id: int) -> list[Shade]:
    """A Service's Regions whose counts are published, the worst first. One query."""
    rows = places(service_id).filter(observed__gte=FEWER_THAN)
    found = [Shade(place=place_now(row), level=level(row.observed, row.expected)) for row in rows]
    return sorted(found, key=lambda one: one.badness)


def troubles(*, parent: str | None = None, region: str | None = None) -> list[Trouble]:
    """Where Services with an Outage stand out, the worst first. One query.

    Args:
        parent: only in the Regions right below this one; the empty code: in countries.
        region: only in this Region.
    """
    rows = PlaceStatus.objects.filter(
        service__is_active=True, service__status__verdict__in=WRONG, observed__gte=FEWER_THAN
    ).filter(observed__gte=BOUNDS[0] * (F("expected") + SHRINK) - SHRINK)
    if parent is not None:
        rows = rows.filter(region__parent_id=parent)
    if region is not None:
        rows = rows.filter(region_id=region)
    return sorted(
        _troubles(rows), key=lambda one: (-one.level, one.expected - one.observed, one.slug)
    )


def reported_in(region: str, size: int) -> list[Trouble]:
    """The Services with the most published Reports in a Region. One query."""
    rows = PlaceStatus.objects.filter(
        region_id=region, service__is_active=True, observed__gte=FEWER_THAN
    )
    return list(_troubles(rows.order_by("-observed", "service__slug")[:size]))


def _troubles(rows: "QuerySet[PlaceStatus]") -> Iterable[Trouble]:
    columns = rows.values_list(
        "region_id",
        "region__name",
        "service__slug",
        "service__name",
        "service__status__verdict",
        "observed",
        "expected",
    )
    return (
        Trouble(region, name, slug, service, verdict or Verdict.UNKNOWN.value, observed, expected)
        for region, name, slug, service, verdict, observed, expected in columns
    )
