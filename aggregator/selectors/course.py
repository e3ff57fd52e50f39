"""How an Outage went from place to place: levels at instants through it, for a map with a scrubber.

The usual of a place is what the week before had there at the same time of day: counts by the hour
are kept for years, so that an Outage looks the same for as long as its page is there.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Case, Count, F, QuerySet, Sum, When
from django.db.models.functions import ExtractHour, TruncDate

from aggregator.levels import LONG_MINUTES, level
from aggregator.models import HourCount, Outage, QuarterCount
from aggregator.privacy import FEWER_THAN
from aggregator.selectors.places import PlaceNow
from aggregator.selectors.shades import Shade
from aggregator.selectors.spans import Step, floor
from reports.geography import WORLD, Kind, regions
from reports.models.place import RegionKind

HOUR = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
WEEK = timedelta(days=7)
# Steps between two instants, the first that gives no more instants than these.
MOST_FRAMES = 32
STEPS = tuple(timedelta(minutes=n) for n in (15, 30, 60, 120, 180, 360, 720, 1440))
# What is shown before the onset and after the end.
MARGIN = timedelta(minutes=30)
# A longer Outage is shown up to here.
LONGEST = timedelta(days=30)
DAY_HOURS = 24
# Hours of the day that are averaged, to have enough of the week to go by.
SMOOTH = (-1, 0, 1)


@dataclass(frozen=True, slots=True)
class Course:
    """Levels of places at instants.

    Attributes:
        frames: the instants, evenly spaced, oldest first; each stands for the 60 minutes before.
        peak: the index of the one with the most Reports.
        known: whether the week before tells what is usual.
        observed: Region code → Reports at each instant; not for publication.
        expected: Region code → Reports expected at each hour of the UTC day.
    """

    frames: tuple[datetime, ...]
    peak: int
    known: bool
    observed: Mapping[str, Sequence[int]]
    expected: Mapping[str, Sequence[float]]

    def levels(self) -> dict[str, list[int]]:
        """Region code → level at each instant, of the places that are ever above the usual."""
        if not self.known:
            return {}
        found = {
            code: [level(count, self._usual(code, at)) for count, at in self._pairs(code)]
            for code in self.observed
        }
        return {code: levels for code, levels in found.items() if any(levels)}

    def shades(self, index: int) -> list[Shade]:
        """The places whose counts are published at an instant, the worst first."""
        at = self.frames[index]
        found = [
            _shade(code, counts[index], self._usual(code, at), at)
            for code, counts in self.observed.items()
            if counts[index] >= FEWER_THAN and code in regions()
        ]
        return sorted(found, key=lambda one: one.badness)

    def nearest(self, at: datetime) -> int:
        """The index of the instant nearest to another."""
        return min(range(len(self.frames)), key=lambda index: abs(self.frames[index] - at))

    def _pairs(self, code: str) -> list[tuple[int, datetime]]:
        return list(zip(self.observed[code], self.frames, strict=True))

    def _usual(self, code: str, at: datetime) -> float:
        hours = self.expected.get(code)
        return hours[(at - HOUR / 2).hour] if hours else 0.0


def course(outage: Outage, place: str, now: datetime) -> Course:
    """How an Outage went in the Regions right below one (three queries).

    Args:
        outage: whose Service is loaded.
        place: the code of a country, or the empty one: countries.
        now: an aware instant.
    """
    frames = instants(outage.started_at, outage.ended_at, now)
    observed = _observed(outage.service_id, place, frames)
    totals = [sum(counts[n] for counts in observed.values()) for n in range(len(frames))]
    start = floor(outage.started_at, Step.HOUR)
    days = _days(outage.service_id, start)
    return Course(
        frames=frames,
        peak=max(range(len(frames)), key=lambda n: totals[n]),
        known=days > 0,
        observed=observed,
        expected=_expected(outage.service_id, place, start, days) if days else {},
    )


def main_countries(outage: Outage, now: datetime, size: int) -> list[str]:
    """The codes of the countries with the most Reports of an Outage, the first first. One query."""
    start = floor(outage.started_at, Step.HOUR)
    rows = HourCount.objects.filter(
        service_id=outage.service_id, start__gte=start, start__lt=outage.ended_at or now
    ).exclude(region_id=WORLD)
    sums = _by_place(rows, WORLD).values("place").annotate(total=Sum("count")).order_by("-total")
    found = sums.filter(total__gte=FEWER_THAN).values_list("place", flat=True)
    return list(found[:size])


def instants(
    started_at: datetime, ended_at: datetime | None, now: datetime
) -> tuple[datetime, ...]:
    """The instants that show the course of an Outage, at most `MOST_FRAMES`, oldest first.

    >>> start = datetime(2026, 3, 18, 14, 2, tzinfo=UTC)
    >>> found = instants(start, start + timedelta(hours=2), start + timedelta(days=9))
    >>> len(found), found[0].isoformat(), found[-1].isoformat()
    (12, '2026-03-18T13:45:00+00:00', '2026-03-18T16:30:00+00:00')
    """
    last = min((ended_at or now) + MARGIN, now, started_at + LONGEST)
    first = floor(started_at - MARGIN, Step.QUARTER) + QUARTER
    step = next((one for one in STEPS if (last - first) / one < MOST_FRAMES), STEPS[-1])
    if step >= HOUR:
        first = floor(first, Step.HOUR)
    size = max(0, int((last - first) / step)) + 1
    return tuple(first + n * step for n in range(min(size, MOST_FRAMES)))


def _observed(service_id: int, place: str, frames: Sequence[datetime]) -> dict[str, list[int]]:
    """Reports of the 60 minutes before each instant, by place."""
    is_fine = len(frames) < 2 or frames[1] - frames[0] < HOUR  # noqa: PLR2004 - a pair
    rows: QuerySet[QuarterCount] | QuerySet[HourCount]
    if is_fine:
        rows = QuarterCount.objects.filter(start__gte=frames[0] - HOUR, start__lt=frames[-1])
    else:
        rows = HourCount.objects.filter(start__in=[at - HOUR for at in frames])
    counted = _by_place(rows.filter(service_id=service_id), place).values("place", "start")
    index = {at: n for n, at in enumerate(frames)}
    found: dict[str, list[int]] = defaultdict(lambda: [0] * len(frames))
    for code, start, total in counted.annotate(total=Sum("count")).values_list(
        "place", "start", "total"
    ):
        ends = [start + HOUR] if not is_fine else [start + n * QUARTER for n in range(1, 5)]
        for end in ends:
            if end in index:
                found[code][index[end]] += total
    return dict(found)


def _days(service_id: int, start: datetime) -> int:
    """Days of the week before in which anything was reported."""
    days = _week_before(service_id, start).annotate(day=TruncDate("start", tzinfo=UTC))
    return days.aggregate(n=Count("day", distinct=True))["n"] or 0


def _expected(service_id: int, place: str, start: datetime, days: int) -> dict[str, list[float]]:
    """Reports of an hour by place and hour of the UTC day, over the week before."""
    rows = _by_place(_week_before(service_id, start), place)
    hourly = rows.annotate(hour=ExtractHour("start", tzinfo=UTC)).values("place", "hour")
    sums: dict[str, list[int]] = defaultdict(lambda: [0] * DAY_HOURS)
    for code, hour, total in hourly.annotate(total=Sum("count")).values_list(
        "place", "hour", "total"
    ):
        sums[code][hour] = total
    size = len(SMOOTH) * days
    return {
        code: [sum(hours[(n + step) % DAY_HOURS] for step in SMOOTH) / size for n in range(24)]
        for code, hours in sums.items()
    }


def _week_before(service_id: int, start: datetime) -> QuerySet[HourCount]:
    return HourCount.objects.filter(
        service_id=service_id, start__gte=start - WEEK, start__lt=start
    ).order_by()


def _by_place(rows: "QuerySet[QuarterCount] | QuerySet[HourCount]", place: str) -> "QuerySet":  # type: ignore[type-arg]  # of either
    """Rows with `place`: the Region right below `place` that theirs lies in, or is."""
    if place:
        return rows.filter(region__parent_id=place).order_by().annotate(place=F("region_id"))
    country = Case(
        When(region__kind=RegionKind.COUNTRY, then=F("region_id")), default=F("region__parent_id")
    )
    return rows.exclude(region_id=WORLD).order_by().annotate(place=country)


def _shade(code: str, count: int, expected: float, at: datetime) -> Shade:
    region = regions()[code]
    place = PlaceNow(
        region=code,
        name=region.name,
        kind="country" if region.kind is Kind.COUNTRY else "subdivision",
        parent=region.parent or None,
        count=count,
        fewer_than=None,
        expected=round(expected, 2),
        at=at,
    )
    return Shade(
        place=place,
        minutes=LONG_MINUTES,
        count=count,
        expected=expected,
        level=level(count, expected),
    )
