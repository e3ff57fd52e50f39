"""Where a Service is reported now."""

from typing import TYPE_CHECKING, TypedDict, cast

import msgspec
from django.db.models import Case, F, IntegerField, QuerySet, Value, When

from aggregator.models import PlaceStatus
from aggregator.privacy import FEWER_THAN, shown
from aggregator.selectors.values import Count, Expected, FewerThan, Instant, RegionCode, RegionLevel
from reports.models.place import RegionKind

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


class Published(TypedDict):
    """What `places()` adds to its rows."""

    published: int


class PlaceNow(msgspec.Struct, frozen=True, kw_only=True):
    """A Service in one Region now, the Region's descendants included.

    Attributes:
        region: the Region's code.
        parent: the Region it lies in; null for a country.
        count: Reports of the 60 minutes before `at`.
        expected: Reports expected in them; null while nothing is known of the Region.
        at: the end of the last Minute looked at.
    """

    region: RegionCode
    name: str
    kind: RegionLevel
    parent: RegionCode | None
    count: Count
    fewer_than: FewerThan
    expected: Expected
    at: Instant


def places(
    service_id: int, *, kind: str | None = None, parent: str | None = None
) -> "QuerySet[WithAnnotations[PlaceStatus, Published]]":
    """A Service's Regions but the world, with `published`: the count, or 0 where it is private.

    Lists are ordered by `published`, so that neither their order nor a cursor tells more than
    the counts that are shown.
    """
    private = When(observed__lt=FEWER_THAN, then=Value(0))
    found = (
        PlaceStatus.objects.filter(service_id=service_id)
        .exclude(region__kind=RegionKind.WORLD)
        .select_related("region")
        .annotate(published=Case(private, default=F("observed"), output_field=IntegerField()))
    )
    if kind:
        found = found.filter(region__kind=kind)
    return found.filter(region__parent_id=parent) if parent else found


def place_now(row: PlaceStatus) -> PlaceNow:
    """A row of `places()` ready to show."""
    figure = shown(row.observed, row.region_id)
    return PlaceNow(
        region=row.region_id,
        name=row.region.name,
        kind=cast("RegionLevel", row.region.kind),
        parent=row.region.parent_id or None,
        count=figure.count,
        fewer_than=figure.fewer_than,
        expected=None if row.expected is None else round(row.expected, 2),
        at=row.at,
    )


def busiest(service_id: int, kind: RegionKind, size: int) -> list[PlaceNow]:
    """The Regions of a kind with the most Reports, those with published counts first. One query."""
    rows = places(service_id, kind=kind).order_by("-published", "region_id")
    return [place_now(row) for row in rows[:size]]
