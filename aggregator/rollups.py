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
# The tables `span` and `truth`: which counts, and what they must be.
_TRUTH = sql.SQL("""
WITH span AS MATERIALIZED (
    SELECT service_id, start, start + make_interval(secs => %(width)s) AS stop
    FROM unnest(%(services)s::bigint[], %(starts)s::timestamptz[]) AS s (service_id, start)
), truth AS MATERIALIZED ({source})
""")
_SAME_KEY = """truth.service_id = kept.service_id AND truth.start = kept.start
    AND truth.region_id = kept.region_id
    AND coalesce(truth.problem_type_id, 0) = coalesce(kept.problem_type_id, 0)"""
_RECOUNT = sql.SQL("""{truth},
removed AS (
    DELETE FROM {table} kept USING span
    WHERE {within} AND NOT EXISTS (SELECT FROM truth WHERE {same_key})
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


_COMPARE = sql.SQL("""{truth}
SELECT coalesce(kept.start, truth.start), service.slug, coalesce(kept.region_id, truth.region_id),
    problem_type.slug, coalesce(kept.count, 0), coalesce(truth.count, 0), count(*) OVER ()
FROM (SELECT kept.* FROM {table} kept JOIN span ON {within}) AS kept
    FULL JOIN truth ON {same_key}
    JOIN reports_service service ON service.id = coalesce(kept.service_id, truth.service_id)
    LEFT JOIN reports_problemtype problem_type
        ON problem_type.id = coalesce(kept.problem_type_id, truth.problem_type_id)
WHERE kept.count IS DISTINCT FROM truth.count AND NOT EXISTS (
    SELECT FROM reports_stalebucket stale WHERE {is_minute}
        AND stale.service_id = coalesce(kept.service_id, truth.service_id)
        AND stale.minute = coalesce(kept.start, truth.start))
ORDER BY 1, 2, 3, 4 LIMIT %(limit)s
""")


def recount(spans: Spans, before: int) -> Change:
    """Set the counts of some spans to what the Report table holds, then their roll-ups.

    Runs one statement a table, in READ COMMITTED: each sees what the one before it wrote. Must
    run under the CountingMark's lock.

    Args:
        spans: whose days must still have all of their Reports.
        before: the CountingMark; later transactions' Reports are not counted yet.
    """
    change = _recount_step(MINUTE, spans, before)
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
        step: Minutes are compared with Reports, quarter-hours with Minutes, hours with those.
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
        cursor.execute(_statement(_COMPARE, step), parameters)
        rows = cursor.fetchall()
    return [Difference(step.name, *row[:-1]) for row in rows], rows[0][-1] if rows else 0


def _recount_step(step: Step, spans: Spans, before: int) -> Change:
    if not spans.keys:
        return Change(0, None)
    with connection.cursor() as cursor:
        cursor.execute(_statement(_RECOUNT, step), {**spans.parameters(), "before": str(before)})
        return Change(*cursor.fetchone())


def _statement(template: sql.SQL, step: Step) -> sql.Composed:
    """One of the statements above for one table of counts."""
    source: sql.Composable = _FROM_REPORTS
    if step is not MINUTE:
        source = _FROM_FINER.format(
            width=sql.Literal(step.width),
            finer=sql.Identifier(STEPS[STEPS.index(step) - 1].table),
            within=sql.SQL(_WITHIN.format("f", "start")),
        )
    return template.format(
        truth=_TRUTH.format(source=source),
        table=sql.Identifier(step.table),
        within=sql.SQL(_WITHIN.format("kept", "start")),
        same_key=sql.SQL(_SAME_KEY),
        is_minute=sql.Literal(step is MINUTE),
    )


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

    Minutes stay at least as long as the Reports they count. Quarter-hours and hours stay.

    Returns:
        The names of the dropped partitions, oldest first.
    """
    partitions.ensure_ahead(MINUTE.table, now)
    kept = max(settings.ENV.minute_retention_days, settings.ENV.report_retention_days)
    return partitions.drop_before(MINUTE.table, now.astimezone(UTC).date() - timedelta(days=kept))
