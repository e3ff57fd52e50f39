"""The Reports of a Service over time, beside what was expected."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec
from django.db.models import Count, F, Model, QuerySet, Sum
from django.db.models.functions import Trunc

from aggregator.models import CountingMark, Expectation, HourCount, MinuteCount, QuarterCount
from aggregator.privacy import shown
from aggregator.selectors.catalogue import within
from aggregator.selectors.spans import WIDTH, BadSpanError, Span, Step
from aggregator.selectors.values import Count as ShownCount
from aggregator.selectors.values import Expected, FewerThan, Instant, RegionCode, Slug
from reports import site_settings
from reports.models import Service

TABLE: dict[Step, type[MinuteCount | QuarterCount | HourCount]] = {
    Step.MINUTE: MinuteCount,
    Step.QUARTER: QuarterCount,
    Step.HOUR: HourCount,
    Step.DAY: HourCount,
}
TRUNCATION = {Step.HOUR: "hour", Step.DAY: "day"}
Counted = TypeVar("Counted", bound=Model)


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One bucket of a series.

    Attributes:
        start: its first instant.
        count: its Reports; 0 where nobody reported.
        expected: Reports expected in it.
        low: lower end of what is usual.
        high: upper end of what is usual.
    """

    start: Instant
    count: ShownCount
    fewer_than: FewerThan
    expected: Expected
    low: Expected
    high: Expected


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """The Reports of one Service in one Region, its descendants included, oldest first.

    Attributes:
        region: null is worldwide, Reports without a known place included.
        counted_until: Reports received before this are counted; later buckets still grow.
    """

    service: Slug
    region: RegionCode | None
    step: Step
    start: Instant
    end: Instant
    counted_until: Instant | None
    points: list[Point]


@dataclass(frozen=True, slots=True)
class Band:
    """What was expected in one bucket: Reports, and the ends of the usual band."""

    expected: float
    low: float
    high: float


def counts(service_id: int, span: Span, region: str = "") -> dict[datetime, int]:
    """Reports by the first instant of their bucket, exact: not for publication. One query.

    Args:
        service_id: the Service.
        span: whole buckets.
        region: a Region's code, its descendants included; empty: worldwide.
    """
    rows = TABLE[span.step].objects.filter(
        service_id=service_id, start__gte=span.start, start__lt=span.end
    )
    if region:
        rows = rows.filter(region_id__in=within(region))
    sums = _by_bucket(rows, span.step).annotate(total=Sum("count"))
    return dict(sums.values_list("bucket", "total"))


def bands(service_id: int, span: Span) -> dict[datetime, Band]:
    """What was expected worldwide, for the buckets of which every quarter-hour is known.

    The ends of wider buckets' bands are the sums of their quarters' ends: rather too wide than
    too narrow. A Minute has none. One query.
    """
    if span.step is Step.MINUTE:
        return {}
    rows = Expectation.objects.filter(
        service_id=service_id, start__gte=span.start, start__lt=span.end
    )
    sums = _by_bucket(rows, span.step).annotate(
        quarters=Count("id"), middle=Sum("expected"), lower=Sum("low"), upper=Sum("high")
    )
    complete = sums.filter(quarters=WIDTH[span.step] // WIDTH[Step.QUARTER])
    found = complete.values_list("bucket", "middle", "lower", "upper")
    return {start: Band(middle, lower, upper) for start, middle, lower, upper in found}


def series(service: Service, span: Span, region: str = "") -> Series:
    """A series ready to show (three queries; two for a Region)."""
    counted = counts(service.pk, span, region)
    expected = {} if region else bands(service.pk, span)
    return Series(
        service=service.slug,
        region=region or None,
        step=span.step,
        start=span.start,
        end=span.end,
        counted_until=counted_until(),
        points=[
            _point(start, counted.get(start, 0), expected.get(start), region)
            for start in span.starts()
        ],
    )


def minutes_kept_from(span: Span, now: datetime) -> None:
    """Refuse a span of Minutes that are no longer kept: zeros would be untrue.

    Raises:
        BadSpanError: when it begins before the oldest Minute kept.
    """
    days = site_settings.current().minute_retention_days
    if span.step is Step.MINUTE and span.start < now - timedelta(days=days):
        message = f"Minutes are kept for {days} days; ask in steps of 15m."
        raise BadSpanError(message)


def counted_until() -> datetime | None:
    """The instant up to which Reports are counted; None before the first counting. One query."""
    return CountingMark.objects.values_list("counted_until", flat=True).first()


def _by_bucket(rows: QuerySet[Counted], step: Step) -> QuerySet[Counted, dict[str, object]]:
    """Rows grouped by the bucket that holds them, in no order."""
    kind = TRUNCATION.get(step)
    bucket = Trunc("start", kind, tzinfo=UTC) if kind else F("start")
    return rows.order_by().values(bucket=bucket)


def _point(start: datetime, count: int, band: Band | None, region: str) -> Point:
    figure = shown(count, region)
    return Point(
        start=start,
        count=figure.count,
        fewer_than=figure.fewer_than,
        expected=round(band.expected, 2) if band else None,
        low=round(band.low, 2) if band else None,
        high=round(band.high, 2) if band else None,
    )
