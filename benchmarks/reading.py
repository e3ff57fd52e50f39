"""Reads a second and their latency, beside an empty view of the framework.

`python -m benchmarks.reading [--json] [--seconds N]`: the server as in production (two processes),
tables as after a busy year, every answer made anew (no cache in between), each kind of read
between two rounds of the empty view.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from statistics import mean, median, quantiles
from typing import TYPE_CHECKING

from django.core.management import call_command
from django.db import connection

from benchmarks import ground
from benchmarks.crowd import Order, send

# It prepares the ground on import.
from benchmarks.intake import CROWDS, EMPTY, running_server
from config.preparation import gather_static_files
from reports import partitions

if TYPE_CHECKING:
    from collections.abc import Sequence

CONNECTIONS = 16
READS = {
    "services": "/api/v1/services",
    "search": "/api/v1/services?q=servce+500",
    "service": "/api/v1/services/busy",
    "series, a day": "/api/v1/services/busy/series",
    "series, a day of minutes": "/api/v1/services/busy/series?step=1m&from={day}",
    "series, a month of a region": "/api/v1/services/busy/series?from={month}&region=US",
    "series, a year": "/api/v1/services/busy/series?step=1d&from={year}",
    "regions": "/api/v1/services/busy/regions",
    "problem types": "/api/v1/services/busy/problem-types?span=24h",
    "outages": "/api/v1/outages",
    "home page": "/",
    "service page": "/services/busy/",
    "outages page": "/outages/",
}
# A year of one busy Service: 61 Regions and 4 problem types in every bucket.
FILL = """
INSERT INTO reports_category (slug, name, position) VALUES ('all', 'All', 1);
INSERT INTO reports_service
    (slug, name, category_id, homepage, official_url, official_kind, is_active, created_at)
SELECT CASE n WHEN 1 THEN 'busy' ELSE 'service-' || n END, 'Service ' || n,
    (SELECT id FROM reports_category LIMIT 1), '', '', '', true, now()
FROM generate_series(1, 1000) n;
INSERT INTO reports_problemtype (service_id, slug, name, position, is_active)
SELECT (SELECT id FROM reports_service WHERE slug = 'busy'), 'type-' || n, 'Type ' || n, n, true
FROM generate_series(1, 4) n;
INSERT INTO aggregator_servicestatus
    (service_id, verdict, at, observed, expected, low, high, last_hour)
SELECT id, 'ok', now(), 5, 5, 2, 9, 20 FROM reports_service;
INSERT INTO aggregator_daytrace (service_id, until, counts)
SELECT id, date_trunc('hour', now()) + interval '1 hour',
    (SELECT array_agg(5 + hour + id % 7) FROM generate_series(1, 24) hour)
FROM reports_service;
INSERT INTO aggregator_placestatus (service_id, region_id, at, observed, expected)
SELECT (SELECT id FROM reports_service WHERE slug = 'busy'), code, now(), length(name), 1
FROM reports_region;
INSERT INTO aggregator_outage
    (service_id, state, region_id, regions, started_at, detected_at, ended_at,
    peak_count, expected_at_peak)
SELECT s.id, 'over', '', ARRAY[''], now() - n * interval '1 day', now() - n * interval '1 day',
    now() - n * interval '1 day' + interval '2 hours', 50, 5
FROM (SELECT id FROM reports_service ORDER BY slug LIMIT 300) s, generate_series(1, 100) n;
INSERT INTO aggregator_expectation (service_id, start, expected, low, high)
SELECT (SELECT id FROM reports_service WHERE slug = 'busy'), start, 5, 2, 9
FROM generate_series(date_trunc('hour', now()) - interval '366 days', now(), '15 minutes') start;
"""
COUNTS = """
INSERT INTO {table} (service_id, start, region_id, problem_type_id, count)
SELECT (SELECT id FROM reports_service WHERE slug = 'busy'), start, code, kind.id, 3
FROM generate_series(date_trunc('hour', now()) - interval '{past}', now(), '{step}') start,
    (SELECT code FROM reports_region WHERE code = '' OR code LIKE 'US%%' ORDER BY code LIMIT 61) r,
    reports_problemtype kind
"""
TABLES = [
    ("aggregator_minutecount", "1 day", "1 minute"),
    ("aggregator_quartercount", "31 days", "15 minutes"),
    ("aggregator_hourcount", "366 days", "1 hour"),
]


@dataclass(frozen=True, slots=True)
class Round:
    """Requests against one address; latencies in milliseconds."""

    per_second: float
    p50: float
    p99: float
    bad: int


def main() -> None:
    """Fill the tables, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading")
    parser.add_argument("--json", action="store_true", help="end with one line of figures")
    parser.add_argument("--seconds", type=float, default=3.0, help="of one round")
    arguments = parser.parse_args()
    rows = fill()
    gather_static_files()
    rounds = {}
    with running_server() as (port, _), ProcessPoolExecutor(CROWDS, get_context("fork")) as pool:
        crowd = Crowd(pool, port, arguments.seconds)
        crowd.round(EMPTY)
        before = crowd.round(EMPTY)
        for name, path in READS.items():
            read, after = crowd.round(_dated(path)), crowd.round(EMPTY)
            rounds[name] = (read, read.per_second / mean([before.per_second, after.per_second]))
            before = after
    tell(rows, before, rounds)


def fill() -> int:
    """Make the tables of a busy year; returns the number of counts."""
    call_command("load_regions", verbosity=0)
    today = datetime.now(UTC).date()
    partitions.ensure("aggregator_minutecount", today.replace(day=1), today)
    partitions.ensure_ahead("aggregator_minutecount", datetime.now(UTC))
    made = 0
    with connection.cursor() as cursor:
        cursor.execute(FILL)
        for table, past, step in TABLES:
            cursor.execute(COUNTS.format(table=table, past=past, step=step))
            made += cursor.rowcount
        cursor.execute("VACUUM ANALYZE")
    return made


class Crowd:
    """Readers of one server."""

    def __init__(self, pool: ProcessPoolExecutor, port: int, seconds: float) -> None:
        """Remember whom to ask, and for how long a round."""
        self._pool, self._port, self._seconds = pool, port, seconds

    def round(self, path: str) -> Round:
        """Read as fast as answers come."""
        order = Order(
            port=self._port,
            path=path,
            body="",
            connections=CONNECTIONS // CROWDS,
            seconds=self._seconds,
            first_address=1,
            method="GET",
        )
        tallies = list(self._pool.map(send, [order] * CROWDS))
        latencies = [latency * 1000 for tally in tallies for latency in tally.seconds]
        percentiles = quantiles(latencies, n=100)
        return Round(
            per_second=len(latencies) / self._seconds,
            p50=percentiles[49],
            p99=percentiles[98],
            bad=len(latencies) - sum(tally.statuses[200] for tally in tallies),
        )


def tell(rows: int, empty: Round, rounds: dict[str, tuple[Round, float]]) -> None:
    """Print the figures."""
    table: list[Sequence[object]] = [("empty view", empty.per_second, 1.0, empty.p50, empty.p99, 0)]
    for name, (read, ratio) in rounds.items():
        table.append((name, read.per_second, ratio, read.p50, read.p99, read.bad))
    header = ("read", "requests/s", "÷ empty", "p50 ms", "p99 ms", "other answers")
    ground.show(f"Reading, {rows:,} counts", header, table)
    ground.finish(
        {
            "median_ratio_to_empty_view": round(median(ratio for _, ratio in rounds.values()), 3),
            "slowest_p99_seconds": round(max(read.p99 for read, _ in rounds.values()) / 1000, 3),
            "p99_milliseconds": {name: round(read.p99, 1) for name, (read, _) in rounds.items()},
        }
    )


def _dated(path: str) -> str:
    """An address with the instants it names; the server counts back from its own now."""
    now = datetime.now(UTC)
    starts = {
        "day": now.replace(hour=0, minute=0),
        "month": now.replace(day=1),
        "year": now.replace(year=now.year - 1),
    }
    return path.format(**{name: f"{at:%Y-%m-%dT%H:%M:%SZ}" for name, at in starts.items()})


if __name__ == "__main__":
    main()
