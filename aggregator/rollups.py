"""The tables of counts by Minute, quarter-hour, hour and of posts: adding, recounting, upkeep.

Whoever writes here holds the lock of the CountingMark (`aggregator.counting`); so nobody else
writes meanwhile, and each statement may build on what the one before it left.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection

from aggregator import count_sql
from aggregator.models import SocialCount
from aggregator.steps import HOUR, MINUTE, QUARTER, SOCIAL, Step
from reports import partitions, site_settings
from reports.models import Report, Service

REPORTS = Report._meta.db_table  # noqa: SLF001 - Django's documented way to a table's name


@dataclass(frozen=True, slots=True)
class Change:
    """What a write did to the Minutes.

    Attributes:
        rows: Reports added, or counts of any table that were put right.
        earliest: the first of the Minutes it changed, None when it changed none.
    """

    rows: int
    earliest: datetime | None

    def __add__(self, other: "Change") -> "Change":
        """Both changes as one."""
        known = [at for at in (self.earliest, other.earliest) if at]
        return Change(self.rows + other.rows, min(known, default=None))


@dataclass(frozen=True, slots=True)
class Difference:
    """A count that is not what it must be.

    Attributes:
        step: `1m`, `15m` or `1h`.
        start: the first instant of its span, UTC.
        service: slug.
        region: code.
        problem_type: slug, None for none.
        kept: what the table of counts says.
        true: what the Reports or the finer counts say.
    """

    step: str
    start: datetime
    service: str
    region: str
    problem_type: str | None
    kept: int
    true: int


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans of time of single Services, all of one width, none overlapping."""

    keys: frozenset[tuple[int, datetime]]
    width: timedelta

    def widened(self, step: Step) -> "Spans":
        """The spans of a step that hold these; these when they are as wide."""
        if self.width >= step.width:
            return self
        return Spans(frozenset((key, step.floor(at)) for key, at in self.keys), step.width)

    def parameters(self) -> dict[str, float | datetime | list[int] | list[datetime]]:
        """What the statements below call them."""
        starts = [start for _, start in self.keys]
        return {
            "services": [key for key, _ in self.keys],
            "starts": starts,
            "width": self.width.total_seconds(),
            "first": min(starts),
            "last": max(starts) + self.width,
        }


def add(first: int, upper: int) -> Change:
    """Add the Reports of the transactions in [first, upper) to all three tables.

    Every transaction before `upper` must have ended. One statement reads and writes, so all
    three tables are given the same Reports. Must run under the CountingMark's lock.
    """
    with connection.cursor() as cursor:
        cursor.execute(count_sql.ADD, {"first": str(first), "upper": str(upper)})
        return Change(*cursor.fetchone())


def recount(spans: Spans, before: int) -> Change:
    """Set the counts of some spans to what the Report table holds, posts too, then the roll-ups.

    Runs one statement a table, in READ COMMITTED: each sees what the one before it wrote. Must
    run under the CountingMark's lock.

    Args:
        spans: whose days must still have all of their Reports.
        before: the CountingMark; later transactions' Reports are not counted yet.
    """
    change = _recount_step(MINUTE, spans, before) + _recount_step(SOCIAL, spans, before)
    return Change(change.rows + roll_up(spans), change.earliest)


def roll_up(spans: Spans) -> int:
    """Set the quarter-hours and hours that hold some spans to what the Minutes say.

    Returns:
        How many of them were put right.
    """
    return sum(_recount_step(step, spans.widened(step), 0).rows for step in (QUARTER, HOUR))


def whole_day(day: date) -> Spans:
    """One UTC day of every Service."""
    first = datetime(day.year, day.month, day.day, tzinfo=UTC)
    services = Service.objects.values_list("id", flat=True).order_by()
    return Spans(frozenset((key, first) for key in services), timedelta(days=1))


def differences(step: Step, spans: Spans, before: int, limit: int) -> tuple[list[Difference], int]:
    """Where the counts of a step are not what the Reports or the next finer step say.

    Minutes with a StaleBucket are left out: they are due to be recounted.

    Args:
        step: Minutes and posts are compared with Reports, the others with the next finer step.
        spans: widened to the step; their days must still have what they are compared with.
        before: the CountingMark.
        limit: how many to give.

    Returns:
        The first ones by time, and how many there are.
    """
    if not spans.keys:
        return [], 0
    parameters = {**spans.parameters(), "before": str(before), "limit": limit}
    with connection.cursor() as cursor:
        cursor.execute(count_sql.compare(step), parameters)
        rows = cursor.fetchall()
    return [Difference(step.name, *row[:-1]) for row in rows], rows[0][-1] if rows else 0


def _recount_step(step: Step, spans: Spans, before: int) -> Change:
    if not spans.keys:
        return Change(0, None)
    with connection.cursor() as cursor:
        cursor.execute(count_sql.recount(step), {**spans.parameters(), "before": str(before)})
        return Change(*cursor.fetchone())


def keep_reports() -> None:
    """Keep every partition of Reports from being dropped until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE reports_report IN ACCESS SHARE MODE")


def follow_reports() -> None:
    """Make the Minutes' partitions of all days that have one of Reports."""
    for day in partitions.days_missing(MINUTE.table, like=REPORTS):
        partitions.ensure(MINUTE.table, day, day)


def keep_partitions(now: datetime) -> list[str]:
    """Make the Minutes' partitions ahead of time, drop those past their retention.

    Minutes, of posts too, stay at least as long as the Reports they count. Quarter-hours and
    hours stay.

    Returns:
        The names of the dropped partitions, oldest first.
    """
    partitions.ensure_ahead(MINUTE.table, now)
    site = site_settings.fresh()
    kept = max(site.minute_retention_days, site.report_retention_days)
    first = now.astimezone(UTC).date() - timedelta(days=kept)
    SocialCount.objects.filter(start__lt=datetime.combine(first, time.min, UTC)).delete()
    return partitions.drop_before(MINUTE.table, first)
