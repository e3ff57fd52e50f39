"""Daily partitions: made ahead of time, dropped by age."""

from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction
from psycopg import sql

DAYS_AHEAD = 7
PATIENCE_MILLISECONDS = 2_000


def ensure(table: str, first: date, last: date) -> list[str]:
    """Make the partitions of every day from `first` to `last`, both included.

    Any number of processes may do it at once. Opens a transaction for each partition.

    Args:
        table: the partitioned table.
        first: a UTC day.
        last: a UTC day.

    Returns:
        The names of those that were missing.
    """
    known = set(names(table))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    missing = [day for day in days if name(table, day) not in known]
    for day in missing:
        _make(table, day)
    return [name(table, day) for day in missing]


def ensure_ahead(table: str, now: datetime) -> list[str]:
    """Make the partitions from yesterday to a week ahead; returns the names of the new ones."""
    today = now.astimezone(UTC).date()
    return ensure(table, today - timedelta(days=1), today + timedelta(days=DAYS_AHEAD))


def drop_before(table: str, first_kept: date) -> list[str]:
    """Drop the partitions of all days before a UTC day; returns their names, oldest first.

    Opens a transaction for each.

    Raises:
        django.db.OperationalError: when somebody holds the table for longer than
            `PATIENCE_MILLISECONDS`; all who come later would wait behind us.
    """
    old = [known for known in names(table) if known < name(table, first_kept)]
    for known in old:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {PATIENCE_MILLISECONDS}")
            cursor.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(known)))
    return old


def name(table: str, day: date) -> str:
    """The name of a day's partition.

    >>> name("reports_report", date(2026, 3, 18))
    'reports_report_20260318'
    """
    return f"{table}_{day:%Y%m%d}"


def names(table: str) -> list[str]:
    """The names of the partitions that exist, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = %s::regclass ORDER BY c.relname",
            [table],
        )
        return [row[0] for row in cursor.fetchall()]


def days(table: str) -> list[date]:
    """The UTC days that have a partition, oldest first."""
    return [
        datetime.strptime(known[-8:], "%Y%m%d").replace(tzinfo=UTC).date() for known in names(table)
    ]


def days_missing(table: str, *, like: str) -> list[date]:
    """The UTC days of another table's partitions that this one has none of, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_date(right(c.relname, 8), 'YYYYMMDD')"
            " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
            " WHERE i.inhparent = %s::regclass"
            " AND to_regclass(%s || right(c.relname, 9)) IS NULL ORDER BY 1",
            [like, table],
        )
        return [row[0] for row in cursor.fetchall()]


def _make(table: str, day: date) -> None:
    """Make one partition; the lock lets two makers of the same one take turns.

    A table made apart and then attached needs a weaker lock on its parent than one made as a
    partition: writers and long readers go on, and nobody queues behind it.
    """
    made = sql.Identifier(name(table, day))
    parent = sql.Identifier(table)
    bounds = [f"{day.isoformat()} 00:00+00", f"{(day + timedelta(days=1)).isoformat()} 00:00+00"]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [table])
        if name(table, day) in names(table):
            return
        cursor.execute(sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(made, parent))
        cursor.execute(
            sql.SQL("ALTER TABLE {} ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
                parent, made, *map(sql.Literal, bounds)
            )
        )
