"""Reports a second, from the request to the disk, beside an empty view of the framework.

`python -m benchmarks.intake [--json] [--rounds N] [--seconds N]`: the server as in production (two
processes, durable database, Redis), every Report from another address, rounds of both views in
turn. Each round of Reports is divided by the mean of the empty rounds before and after it.
"""

import argparse
import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from statistics import mean, median, quantiles
from time import monotonic, sleep

import psutil

from benchmarks import ground
from benchmarks.crowd import Order, Tally, send
from config import commands

# The crowd comes through what counts as a proxy, and is larger than any throttle allows one.
os.environ["OUTCRY_TRUSTED_PROXIES"] = "127.0.0.0/8"
ground.prepare()

from reports import partitions  # noqa: E402 - only after ground.prepare()
from reports.models import Category, ProblemType, Report, Service  # noqa: E402

CONNECTIONS = 64
CROWDS = 2
START_SECONDS = 60
ADDRESSES_PER_ORDER = 200_000
EMPTY, REPORTS = "/empty", "/api/v1/reports"
BODY = '{"service":"claude","problem_type":"api","region":"US-CA","comment":"no answer"}'


@dataclass(frozen=True, slots=True)
class Round:
    """One round against one view; latencies and CPU (the server's, a request) in milliseconds."""

    path: str
    good: int
    bad: int
    per_second: float
    p50: float
    p99: float
    cpu: float


class Measure:
    """Rounds against one server."""

    def __init__(
        self, port: int, server: psutil.Process, pool: ProcessPoolExecutor, seconds: float
    ) -> None:
        """Start counting addresses.

        Args:
            port: the server's, on this machine.
            server: its first process.
            pool: the processes that send.
            seconds: the length of a round.
        """
        self._port = port
        self._server = server
        self._seconds = seconds
        self._orders = 0
        self._pool = pool

    def round(self, path: str) -> Round:
        """Send as fast as answers come."""
        orders = [self._order(path) for _ in range(CROWDS)]
        cpu, start = _cpu_seconds(self._server), monotonic()
        tallies = list(self._pool.map(send, orders))
        seconds, cpu = monotonic() - start, _cpu_seconds(self._server) - cpu
        return _round(path, tallies, seconds=seconds, cpu=cpu)

    def _order(self, path: str) -> Order:
        self._orders += 1
        first = self._orders * ADDRESSES_PER_ORDER
        return Order(
            port=self._port,
            path=path,
            body=BODY,
            connections=CONNECTIONS // CROWDS,
            seconds=self._seconds,
            first_address=first,
        )


def main() -> None:
    """Measure, check the rows, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.intake")
    parser.add_argument("--json", action="store_true", help="end with one line of figures")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0, help="of one round")
    arguments = parser.parse_args()
    make_service()
    with (
        running_server() as (port, process),
        ProcessPoolExecutor(CROWDS, get_context("fork")) as pool,
    ):
        measure = Measure(port, process, pool, arguments.seconds)
        warm_up = [measure.round(path) for path in (EMPTY, REPORTS)]
        rounds = [measure.round(EMPTY)]
        for _ in range(arguments.rounds):
            rounds += [measure.round(REPORTS), measure.round(EMPTY)]
    tell([*warm_up, *rounds], rounds)


def make_service() -> None:
    """The Service that the crowd reports, and partitions to take it."""
    category = Category.objects.create(slug="ai", name="AI")
    service = Service.objects.create(slug="claude", name="Claude", category=category)
    ProblemType.objects.create(service=service, slug="api", name="API")
    for table in ("reports_report", "reports_comment"):
        partitions.ensure_ahead(table, datetime.now(UTC))


@contextmanager
def running_server() -> Iterator[tuple[int, psutil.Process]]:
    """A server as in production, with the empty view beside the real ones."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = commands.here(commands.web("127.0.0.1", port))
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "benchmarks.intake_settings"}
    process = subprocess.Popen(command, env=environment)  # noqa: S603 - our own words
    try:
        _wait_for(port)
        yield port, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def _wait_for(port: int) -> None:
    deadline = monotonic() + START_SECONDS
    while monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        sleep(0.1)
    raise TimeoutError


def _cpu_seconds(process: psutil.Process) -> float:
    times = [one.cpu_times() for one in [process, *process.children(recursive=True)]]
    return sum(time.user + time.system for time in times)


def _round(path: str, tallies: Sequence[Tally], *, seconds: float, cpu: float) -> Round:
    latencies = [latency * 1000 for tally in tallies for latency in tally.seconds]
    wanted = 200 if path == EMPTY else 202
    good = sum(tally.statuses[wanted] for tally in tallies)
    percentiles = quantiles(latencies, n=100)
    return Round(
        path=path,
        good=good,
        bad=len(latencies) - good,
        per_second=len(latencies) / seconds,
        p50=percentiles[49],
        p99=percentiles[98],
        cpu=1000 * cpu / len(latencies),
    )


def tell(every: Sequence[Round], rounds: Sequence[Round]) -> None:
    """Print the figures.

    Args:
        every: all rounds, for the count of rows.
        rounds: the empty and the real ones in turn, an empty one first and last.
    """
    accepted = sum(one.good for one in every if one.path == REPORTS)
    stored = Report.objects.count()
    ratios = [
        real.per_second / mean([before.per_second, after.per_second])
        for before, real, after in zip(rounds[::2], rounds[1::2], rounds[2::2], strict=False)
    ]
    real, empty = rounds[1::2], rounds[::2]
    ground.show(
        f"Intake, median of {len(real)} rounds",
        ("view", "requests/s", "÷ empty", "p50 ms", "p99 ms", "server CPU ms"),
        [("empty view", *_medians(empty, 1.0)), ("one Report", *_medians(real, median(ratios)))],
    )
    refused = sum(one.bad for one in every)
    ground.show(
        "Rows",
        ("accepted", "stored", "other answers"),
        [(str(accepted), str(stored), str(refused))],
    )
    ground.finish(
        {
            "ratio_to_empty_view": round(median(ratios), 3),
            "ratio_lowest": round(min(ratios), 3),
            "ratio_highest": round(max(ratios), 3),
            "reports_per_second": round(median(one.per_second for one in real)),
            "p50_ms": round(median(one.p50 for one in real), 2),
            "p99_ms": round(median(one.p99 for one in real), 2),
            "cpu_ms": round(median(one.cpu for one in real), 3),
            "accepted": accepted,
            "stored": stored,
            "other_answers": refused,
        }
    )


def _medians(rounds: Sequence[Round], ratio: float) -> tuple[float, ...]:
    return (
        median(one.per_second for one in rounds),
        ratio,
        median(one.p50 for one in rounds),
        median(one.p99 for one in rounds),
        median(one.cpu for one in rounds),
    )


if __name__ == "__main__":
    main()
