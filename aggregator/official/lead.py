"""Who said it first, the crowd or the vendor, by how much, and how often one stayed silent. Pure.

The vendor's word is its first public acknowledgement: the time of an incident's first update,
never the onset that it claims. When we looked well at the page after that time and saw nothing,
the time was backdated; then the last look that did not show it counts instead.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# A reopened Outage within three hours is the same one; so is an incident that near.
REACH = timedelta(hours=3)
# A page's caches may show us an old copy for so long.
CACHED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Crowd:
    """An Outage: when it began, when it was first noticed and confirmed, aware."""

    id: int
    started_at: datetime
    detected_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None = None
    is_retracted: bool = False


@dataclass(frozen=True, slots=True)
class Vendor:
    """A vendor's incident; `not_before` is our last good look that did not show it."""

    id: int
    declared_at: datetime
    not_before: datetime | None = None

    @property
    def is_backdated(self) -> bool:
        """Whether it says that it was public at a time when it was not."""
        return self.not_before is not None and self.declared_at < self.not_before - CACHED

    @property
    def acknowledged_at(self) -> datetime:
        """The first public acknowledgement."""
        if self.not_before is not None and self.is_backdated:
            return self.not_before
        return self.declared_at


@dataclass(frozen=True, slots=True)
class Record:
    """How crowd and vendor compare over many Outages; leads in seconds, above 0: crowd first.

    Attributes:
        n: confirmed Outages that the vendor acknowledged too; the leads are of these.
        quartiles: lower quartile, median, upper quartile; None below one.
        crowd_only: confirmed, and never acknowledged.
        vendor_only: declared by the vendor, not confirmed by the crowd.
        retracted: the crowd was wrong, and a moderator said so.
    """

    n: int
    crowd_first: int
    vendor_first: int
    quartiles: tuple[float, float, float] | None
    fastest: float | None
    slowest: float | None
    crowd_only: int
    vendor_only: int
    retracted: int


def pairs(crowds: Sequence[Crowd], vendors: Sequence[Vendor], now: datetime) -> dict[int, Vendor]:
    """Each Outage's incident by the Outage's id: its first acknowledged; none for some.

    An incident goes to the Outage whose first notice is nearest among those it falls to.
    """
    found: dict[int, Vendor] = {}
    for vendor in sorted(vendors, key=lambda one: one.acknowledged_at):
        at = vendor.acknowledged_at
        near = [
            crowd
            for crowd in crowds
            if crowd.started_at - REACH <= at <= (crowd.ended_at or now) + REACH
        ]
        if near:
            nearest = min(near, key=lambda crowd: abs(crowd.detected_at - at))
            found.setdefault(nearest.id, vendor)
    return found


def lead(crowd: Crowd, vendor: Vendor) -> timedelta | None:
    """How long the crowd's confirmation came before the vendor's word; below 0: after it.

    >>> from datetime import UTC
    >>> noon = datetime(2026, 3, 18, 12, tzinfo=UTC)
    >>> minute = timedelta(minutes=1)
    >>> crowd = Crowd(1, noon, noon + 3 * minute, noon + 5 * minute)
    >>> lead(crowd, Vendor(1, noon + 20 * minute))
    datetime.timedelta(seconds=900)
    """
    return vendor.acknowledged_at - crowd.confirmed_at if crowd.confirmed_at else None


def record(crowds: Sequence[Crowd], vendors: Sequence[Vendor], now: datetime) -> Record:
    """The comparison of one Service's Outages with its vendor's incidents.

    An Outage of the last three hours that is not acknowledged yet counts as nothing yet.
    """
    told = pairs([one for one in crowds if not one.is_retracted], vendors, now)
    confirmed = [one for one in crowds if one.confirmed_at and not one.is_retracted]
    leads = sorted(
        found.total_seconds()
        for one in confirmed
        if one.id in told and (found := lead(one, told[one.id])) is not None
    )
    silent = [one for one in confirmed if one.id not in told]
    matched = {told[one.id].id for one in confirmed if one.id in told}
    near = {one.id for one in vendors if _is_near(one, confirmed, now)}
    return Record(
        n=len(leads),
        crowd_first=sum(one > 0 for one in leads),
        vendor_first=sum(one <= 0 for one in leads),
        quartiles=quartiles(leads),
        fastest=leads[-1] if leads else None,
        slowest=leads[0] if leads else None,
        crowd_only=sum((one.confirmed_at or now) <= now - REACH for one in silent),
        vendor_only=len({one.id for one in vendors} - matched - near),
        retracted=sum(one.is_retracted for one in crowds),
    )


def quartiles(values: Sequence[float]) -> tuple[float, float, float] | None:
    """The quartiles of at least one value, the ends included in them.

    >>> quartiles([60.0]), quartiles([0.0, 60.0, 120.0, 600.0])
    ((60.0, 60.0, 60.0), (45.0, 90.0, 240.0))
    """
    if not values:
        return None
    if len(values) == 1:
        return (values[0],) * 3
    lower, middle, upper = statistics.quantiles(values, n=4, method="inclusive")
    return lower, middle, upper


def _is_near(vendor: Vendor, confirmed: Sequence[Crowd], now: datetime) -> bool:
    """Whether it is a further incident of a confirmed Outage."""
    at = vendor.acknowledged_at
    return any(one.started_at - REACH <= at <= (one.ended_at or now) + REACH for one in confirmed)
