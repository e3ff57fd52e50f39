"""Minutes of counts, as the detector takes them."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
from django.db import connection
from django.db.models import Min

from aggregator.clock import minute_of, start_of
from aggregator.detection import Counts
from aggregator.models import MinuteCount
from aggregator.topology import Plan
from reports.models import IntakeMinute

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Minutes:
    """The counts of some Minutes in a row.

    Attributes:
        first: the first Minute, in minutes since 1970.
        bounds: where each Minute's rows begin, and one more: the end of the last.
        services: index of the Service in the plan, a row.
        regions: index of the Region in the plan, a row.
        reports: counted Reports that name exactly that Region, a row.
        heartbeats: the Minutes in which a web process was there.
        watched_since: the first Minute with a heartbeat ever; None when there was none.
    """

    first: int
    bounds: Ints
    services: Ints
    regions: Ints
    reports: Ints
    heartbeats: frozenset[int]
    watched_since: int | None

    def counts(self, minute: int) -> Counts:
        """The counts of one Minute."""
        begin, end = self.bounds[minute - self.first : minute - self.first + 2]
        return Counts(self.services[begin:end], self.regions[begin:end], self.reports[begin:end])

    def intake(self, minute: int) -> bool | None:
        """Whether Reports could come in; None before anybody watched (imported history)."""
        begin, end = self.bounds[minute - self.first : minute - self.first + 2]
        if minute in self.heartbeats or end > begin:
            return True
        if self.watched_since is None or minute < self.watched_since:
            return None
        return False


def read_minutes(plan: Plan, first: int, stop: int, *, is_part: bool = False) -> Minutes:
    """The Minutes from `first` until before `stop`, in minutes since 1970; two or three queries.

    Args:
        plan: what exists.
        first: in minutes since 1970.
        stop: in minutes since 1970.
        is_part: whether the plan holds few of the Services: then only theirs are read.
    """
    services_read = list(plan.service_index) if is_part else None
    minutes, services, regions, reports = _rows(plan, first, stop, services_read)
    return Minutes(
        first=first,
        bounds=np.searchsorted(minutes, np.arange(first, stop + 1)),
        services=services,
        regions=regions,
        reports=reports,
        heartbeats=_heartbeats(first, stop),
        watched_since=_watched_since(),
    )


def first_minute() -> datetime | None:
    """The start of the first Minute that was counted or watched; None when there is none."""
    counted = MinuteCount.objects.aggregate(first=Min("start"))["first"]
    watched = IntakeMinute.objects.aggregate(first=Min("minute"))["first"]
    return min((start for start in (counted, watched) if start is not None), default=None)


def _rows(
    plan: Plan, first: int, stop: int, services: list[int] | None
) -> tuple[Ints, Ints, Ints, Ints]:
    """Four columns, by Minute: Minute, Service index, Region index, Reports."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (extract(epoch FROM start) / 60)::bigint, service_id, region_id, sum(count)"
            " FROM aggregator_minutecount WHERE start >= %s AND start < %s AND count > 0"
            " AND (%s::bigint[] IS NULL OR service_id = ANY(%s))"
            " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            [start_of(first), start_of(stop), services, services],
        )
        rows = cursor.fetchall()
    # A Service or Region that the plan does not know yet is known at the next evaluation.
    known = [
        (minute, plan.service_index[service], plan.region_index[region], count)
        for minute, service, region, count in rows
        if service in plan.service_index and region in plan.region_index
    ]
    table = np.array(known, dtype=np.int64).reshape(-1, 4)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]


def _heartbeats(first: int, stop: int) -> frozenset[int]:
    beats = IntakeMinute.objects.filter(minute__gte=start_of(first), minute__lt=start_of(stop))
    return frozenset(minute_of(beat) for beat in beats.values_list("minute", flat=True))


def _watched_since() -> int | None:
    first = IntakeMinute.objects.aggregate(first=Min("minute"))["first"]
    return None if first is None else minute_of(first)
