"""Bytes on the disk for one Report and one count, indexes included.

`python -m benchmarks.storage [--json] [--reports N]`: Reports of one day, written by transactions
of 500 and counted after each of them, so that the tables have the gaps they have in life; then
vacuumed as autovacuum does.
"""

import argparse
from datetime import UTC, datetime, timedelta

from django.db import connection

from benchmarks import ground

ground.prepare()

from aggregator import counting, rollups  # noqa: E402 - only after ground.prepare()
from aggregator.steps import HOUR, MINUTE, QUARTER  # noqa: E402
from benchmarks import made_reports  # noqa: E402
from reports import partitions  # noqa: E402

PER_TRANSACTION = 500
TABLES = {
    "Report": rollups.REPORTS,
    "MinuteCount": MINUTE.table,
    "QuarterCount": QUARTER.table,
    "HourCount": HOUR.table,
}
SECONDS_A_DAY = 86_400


def main() -> None:
    """Write, count, weigh, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storage")
    parser.add_argument("--json", action="store_true", help="end with one line of figures")
    parser.add_argument("--reports", type=int, default=300_000, help="of the day")
    arguments = parser.parse_args()
    made_reports.make_catalogue()
    yesterday = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    yesterday -= timedelta(days=1)
    partitions.ensure(rollups.REPORTS, yesterday.date(), yesterday.date())
    live_through(yesterday, arguments.reports)
    tell([(name, *weigh(table)) for name, table in TABLES.items()])


def live_through(day: datetime, reports: int) -> None:
    """Write and count one day's Reports, evenly spread."""
    transactions = reports // PER_TRANSACTION
    width = timedelta(seconds=SECONDS_A_DAY / transactions)
    for number in range(transactions):
        first = day + number * width
        made_reports.write(PER_TRANSACTION, first, first + width)
        counting.count(first)


def weigh(table: str) -> tuple[int, int, float]:
    """A table's rows, its bytes with all partitions and indexes, and bytes a row."""
    with connection.cursor() as cursor:
        cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute(
            "SELECT pg_total_relation_size(%s::regclass) + coalesce(sum(pg_total_relation_size("
            "inhrelid)), 0) FROM pg_inherits WHERE inhparent = %s::regclass",
            [table, table],
        )
        size = int(cursor.fetchone()[0])
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608 - one of the names above
        rows = int(cursor.fetchone()[0])
    return rows, size, size / max(rows, 1)


def tell(found: list[tuple[str, int, int, float]]) -> None:
    """Print the figures."""
    ground.show(
        "Storage",
        ("table", "rows", "MB", "bytes a row"),
        [(name, f"{rows:,}", size / 1e6, each) for name, rows, size, each in found],
    )
    ground.finish({f"bytes_{name.lower()}": round(each, 1) for name, _, _, each in found})


if __name__ == "__main__":
    main()
