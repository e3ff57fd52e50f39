"""Reports counted a second, and what a tick costs when nothing is new.

`python -m benchmarks.counting [--json] [--rows N …]`: on a durable database with all partitions
that a site has after its first weeks, and with 0, one million and three million Reports in it.
"""

import argparse
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

from django.db import connections

from benchmarks import ground

ground.prepare()

from aggregator import counting  # noqa: E402 - only after ground.prepare()
from benchmarks import made_reports  # noqa: E402
from reports import partitions  # noqa: E402

DAYS = 30
TICKS = 100
BACKLOG = 200_000
PER_TRANSACTION = 500
BUSY_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured beside so many Reports; times in milliseconds, rates in Reports/s.

    Attributes:
        rows: Reports that were there and counted before.
        idle_ms: median of a tick that finds nothing.
        idle_p99_ms: its 99th percentile.
        backlog_rate: a backlog taken with nobody writing.
        busy_rate: Reports written, and counted, while a writer goes on without a pause.
        busy_tick_ms: median of those ticks, about two seconds of Reports apart.
    """

    rows: int
    idle_ms: float
    idle_p99_ms: float
    backlog_rate: float
    busy_rate: float
    busy_tick_ms: float


def main() -> None:
    """Measure with more and more Reports, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.counting")
    parser.add_argument("--json", action="store_true", help="end with one line of figures")
    parser.add_argument("--rows", type=int, nargs="+", default=[0, 1_000_000, 3_000_000])
    arguments = parser.parse_args()
    prepare()
    found, there = [], 0
    for rows in sorted(arguments.rows):
        fill(rows - there)
        there = rows
        found.append(measure(rows))
    tell(found)


def prepare() -> None:
    """A catalogue, a month of partitions, and a first count."""
    made_reports.make_catalogue()
    today = datetime.now(UTC).date()
    partitions.ensure("reports_report", today - timedelta(days=DAYS), today)
    partitions.ensure_ahead("reports_report", datetime.now(UTC))
    partitions.ensure("aggregator_minutecount", today - timedelta(days=90), today)
    count()


def fill(number: int) -> None:
    """Write Reports over the past month, and count them."""
    now = datetime.now(UTC)
    for done in range(0, number, counting.BATCH_REPORTS):
        batch = min(counting.BATCH_REPORTS, number - done)
        made_reports.write(batch, now - timedelta(days=DAYS), now)
        while count().is_behind:
            pass
    with connections["default"].cursor() as cursor:
        cursor.execute("ANALYZE")


def count() -> counting.CountingResult:
    """One tick."""
    result = counting.count(datetime.now(UTC))
    if result is None:
        raise RuntimeError("somebody else counts")
    return result


def measure(rows: int) -> Figures:
    """Measure beside the Reports that are there."""
    idle = sorted(_milliseconds(count) for _ in range(TICKS))
    backlog_rate = _take_backlog()
    busy_rate, busy_ticks = _count_beside_a_writer()
    return Figures(
        rows=rows,
        idle_ms=median(idle),
        idle_p99_ms=idle[-1 - TICKS // 100],
        backlog_rate=backlog_rate,
        busy_rate=busy_rate,
        busy_tick_ms=median(busy_ticks),
    )


def _milliseconds(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return 1000 * (perf_counter() - start)


def _take_backlog() -> float:
    """Reports/s of taking many Reports of the last ten minutes, nobody writing."""
    for _ in range(BACKLOG // PER_TRANSACTION):
        _write_some()
    start, counted = perf_counter(), 0
    while True:
        result = count()
        counted += result.counted
        if not result.is_behind:
            return counted / (perf_counter() - start)


def _write_some() -> None:
    now = datetime.now(UTC)
    made_reports.write(PER_TRANSACTION, now - timedelta(minutes=10), now)


def _count_beside_a_writer() -> tuple[float, list[float]]:
    """Reports/s written and counted, and the milliseconds of each tick, two seconds apart."""
    over = threading.Event()
    start, counted, ticks = perf_counter(), 0, list[float]()
    with ThreadPoolExecutor() as pool:
        writer = pool.submit(_write_until, over)
        while perf_counter() < start + BUSY_SECONDS:
            over.wait(2)
            tick = perf_counter()
            counted += count().counted
            ticks.append(1000 * (perf_counter() - tick))
        over.set()
        writer.result()
    counted += count().counted
    return counted / (perf_counter() - start), ticks


def _write_until(over: threading.Event) -> None:
    try:
        while not over.is_set():
            _write_some()
    finally:
        connections.close_all()


def tell(found: list[Figures]) -> None:
    """Print the figures."""
    ground.show(
        "Counting",
        ("Reports there", "idle tick ms", "p99 ms", "backlog/s", "beside a writer/s", "tick ms"),
        [(f"{one.rows:,}", *list(asdict(one).values())[1:]) for one in found],
    )
    largest = asdict(found[-1])
    ground.finish({name: round(value, 2) for name, value in largest.items()})


if __name__ == "__main__":
    main()
