"""The tables of counts by Minute, quarter-hour and hour: adding to them, recounting, upkeep.

Whoever writes here holds the lock of the CountingMark (`aggregator.counting`); so nobody else
writes meanwhile, and each statement may build on what the one before it left.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.conf import settings
from django.db import connection
from psycopg import sql

from reports import partitions
from reports.models import Report, Service

REPORTS = Report._meta.db_table  # noqa: SLF001 - Django's documented way to a table's name
EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """One table of counts and the width of its spans of time."""

    name: str
    table: str
    width: timedelta

    def floor(self, instant: datetime) -> datetime:
        """The first instant of the span that holds an instant (aware).

        >>> QUARTER.floor(datetime(2026, 3, 18, 14, 44, 59, tzinfo=UTC))
        datetime.datetime(2026, 3, 18, 14, 30, tzinfo=datetime.timezone.utc)
        """
        return instant - (instant - EPOCH) % self.width


MINUTE = Step("1m", "aggregator_minutecount", timedelta(minutes=1))
QUARTER = Step("15m", "aggregator_quartercount", timedelta(minutes=15))
HOUR = Step("1h", "aggregator_hourcount", timedelta(hours=1))
STEPS = (MINUTE, QUARTER, HOUR)


@dataclass(frozen=True, slots=True)
class Change:
    """What a write did to the Minutes.

    Attributes:
        rows: Reports added, or Minutes whose count was put right.
        earliest: the first of the Minutes it changed, None when it changed none.
    """

    rows: int
    earliest: datetime | None

    def __add__(self, other: "Change") -> "Change":
        """Both changes as one."""
        known = [at for at in (self.earliest, other.earliest) if at]
        return Change(self.rows + other.rows, min(known, default=None))


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


_FRESH = sql.SQL("""
    SELECT service_id, region_id, problem_type_id,
        date_bin('1 minute', received_at, 'epoch') AS start, count(*)::integer AS count
    FROM reports_report
    WHERE transaction >= %(first)s AND transaction < %(upper)s AND rejected_at IS NULL
    GROUP BY 1, 2, 3, 4
""")
_ADDED = sql.SQL("""
    INSERT INTO {table} AS kept (service_id, region_id, problem_type_id, start, count)
    SELECT service_id, region_id, problem_type_id, date_bin({width}, start, 'epoch'), sum(count)
    FROM fresh GROUP BY 1, 2, 3, 4 ORDER BY 1, 4
    ON CONFLICT (service_id, start, region_id, problem_type_id)
    DO UPDATE SET count = kept.count + excluded.count
""")
_ADD = sql.SQL(
    "WITH fresh AS MATERIALIZED ({fresh}), minutes AS ({minutes}), quarters AS ({quarters}),"
    " hours AS ({hours}) SELECT coalesce(sum(count), 0), min(start) FROM fresh"
).format(
    fresh=_FRESH,
    **{
        name: _ADDED.format(table=sql.Identifier(step.table), width=sql.Literal(step.width))
        for name, step in zip(("minutes", "quarters", "hours"), STEPS, strict=True)
    },
)


def add(first: int, upper: int) -> Change:
    """Add the Reports of the transactions in [first, upper) to all three tables.

    Every transaction before `upper` must have ended. One statement reads and writes, so all
    three tables are given the same Reports. Must run under the CountingMark's lock.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ADD, {"first": str(first), "upper": str(upper)})
        return Change(*cursor.fetchone())


_SPAN = "span.service_id = {0}.service_id AND {0}.{1} >= span.start AND {0}.{1} < span.stop"
# What the spans name, and once more as constants, by which whole partitions are left aside.
_WITHIN = f"{_SPAN} AND {{0}}.{{1}} >= %(first)s AND {{0}}.{{1}} < %(last)s"
_FROM_REPORTS = sql.SQL("""
    SELECT r.service_id, r.region_id, r.problem_type_id,
        date_bin('1 minute', r.received_at, 'epoch') AS start, count(*)::integer AS count
    FROM reports_report r JOIN span ON {within}
    WHERE r.rejected_at IS NULL AND r.transaction < %(before)s
    GROUP BY 1, 2, 3, 4
""").format(within=sql.SQL(_WITHIN.format("r", "received_at")))
_FROM_FINER = sql.SQL("""
    SELECT f.service_id, f.region_id, f.problem_type_id,
        date_bin({width}, f.start, 'epoch') AS start, sum(f.count)::integer AS count
    FROM {finer} f JOIN span ON {within}
    GROUP BY 1, 2, 3, 4
""")
_RECOUNT = sql.SQL("""
WITH span AS MATERIALIZED (
    SELECT service_id, start, start + make_interval(secs => %(width)s) AS stop
    FROM unnest(%(services)s::bigint[], %(starts)s::timestamptz[]) AS s (service_id, start)
), truth AS MATERIALIZED ({source}),
removed AS (
    DELETE FROM {table} kept USING span
    WHERE {within} AND NOT EXISTS (
        SELECT FROM truth WHERE truth.service_id = kept.service_id
            AND truth.region_id = kept.region_id AND truth.start = kept.start
            AND coalesce(truth.problem_type_id, 0) = coalesce(kept.problem_type_id, 0))
    RETURNING kept.start
), written AS (
    INSERT INTO {table} AS kept (service_id, region_id, problem_type_id, start, count)
    SELECT * FROM truth ORDER BY service_id, start
    ON CONFLICT (service_id, start, region_id, problem_type_id)
    DO UPDATE SET count = excluded.count WHERE kept.count <> excluded.count
    RETURNING kept.start
)
SELECT count(*), min(start) FROM (SELECT * FROM removed UNION ALL SELECT * FROM written) AS changed
""")


def recount(spans: Spans, before: int) -> Change:
    """Set the counts of some spans to what the Report table holds, then their roll-ups.

    Runs one statement a table, in READ COMMITTED: each sees what the one before it wrote. Must
    run under the CountingMark's lock.

    Args:
        spans: whose days must still have all of their Reports.
        before: the CountingMark; later transactions' Reports are not counted yet.
    """
    if not spans.keys:
        return Change(0, None)
    change = _recount_step(MINUTE, _FROM_REPORTS, spans, before)
    for finer, step in ((MINUTE, QUARTER), (QUARTER, HOUR)):
        _recount_step(step, from_finer(finer, step), spans.widened(step), before)
    return change


def recount_day(day: date, before: int) -> Change:
    """Recount one UTC day, which must still have all of its Reports, of all Services."""
    first = datetime(day.year, day.month, day.day, tzinfo=UTC)
    services = Service.objects.values_list("id", flat=True).order_by()
    return recount(Spans(frozenset((key, first) for key in services), timedelta(days=1)), before)


def from_finer(finer: Step, step: Step) -> sql.Composed:
    """The query of a step's counts as the next finer step has them, within the table `span`."""
    return _FROM_FINER.format(
        width=sql.Literal(step.width),
        finer=sql.Identifier(finer.table),
        within=sql.SQL(_WITHIN.format("f", "start")),
    )


def _recount_step(step: Step, source: sql.Composed, spans: Spans, before: int) -> Change:
    statement = _RECOUNT.format(
        source=source,
        table=sql.Identifier(step.table),
        within=sql.SQL(_WITHIN.format("kept", "start")),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, {**spans.parameters(), "before": str(before)})
        return Change(*cursor.fetchone())


def keep_reports() -> None:
    """Keep every partition of Reports from being dropped until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE reports_report IN ACCESS SHARE MODE")


def follow_reports() -> None:
    """Make the Minutes' partitions of all days that have one of Reports."""
    for day in sorted(set(partitions.days(REPORTS)) - set(partitions.days(MINUTE.table))):
        partitions.ensure(MINUTE.table, day, day)


def keep_partitions(now: datetime) -> list[str]:
    """Make the Minutes' partitions ahead of time, drop those past their retention.

    Minutes stay at least as long as the Reports they count. Quarter-hours and hours stay.

    Returns:
        The names of the dropped partitions, oldest first.
    """
    partitions.ensure_ahead(MINUTE.table, now)
    kept = max(settings.ENV.minute_retention_days, settings.ENV.report_retention_days)
    return partitions.drop_before(MINUTE.table, now.astimezone(UTC).date() - timedelta(days=kept))
