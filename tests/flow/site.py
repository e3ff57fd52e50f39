"""A whole site for the failure tests: its own engines, its own web server, workers on demand."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import count as count_up
from pathlib import Path

import httpx
import psycopg
import redis

from config import commands, engines
from config.env import PROJECT_ROOT
from reports.simulation.crowd import address
from tests.flow.waiting import wait_until

SENDERS_AT_ONCE = 8
SETTLE_SECONDS = 60.0
STOP_SECONDS = 20.0


class Site:
    """The engines of a data directory and the processes that run on them.

    Args:
        data_dir: a fresh folder.
        port: where the web server listens.
    """

    def __init__(self, data_dir: Path, port: int) -> None:
        """Start the engines and prepare the database; nothing else runs yet."""
        self.data_dir = data_dir
        self.port = port
        self.log = data_dir.parent / "site.log"
        self._senders = count_up(1)
        self.start_engines()
        self.manage("prepare")
        self.manage("gather_static")

    @property
    def url(self) -> str:
        """The web server's root."""
        return f"http://127.0.0.1:{self.port}"

    # -- engines -----------------------------------------------------------------------------

    def start_engines(self) -> None:
        """Start those that are down."""
        self.addresses = engines.join(self.data_dir)

    def stop_engines(self) -> None:
        """Stop both."""
        engines.leave(self.data_dir)

    @contextmanager
    def without_database(self) -> Iterator[None]:
        """The database is down meanwhile."""
        engines.stop_postgres(self.data_dir)
        try:
            yield
        finally:
            self.start_engines()

    @property
    def redis(self) -> "redis.Redis":
        """A connection to the broker."""
        return redis.Redis.from_url(self.addresses.redis_url)

    def rows(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """The rows of a query, read by a connection of its own."""
        with psycopg.connect(self.addresses.database_url, autocommit=True) as connection:
            cursor = connection.execute(query.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def number(self, query: str, *values: object) -> int:
        """The one number that a query gives."""
        return int(str(self.rows(query, *values)[0][0]))

    def make_days(self, table: str, days: int) -> None:
        """Make a table's partitions of so many days before today, where they are missing."""
        for back in range(1, days + 1):
            name = self.rows("SELECT to_char(current_date - %s::int, 'YYYYMMDD')", back)[0][0]
            self.rows(
                f"CREATE TABLE IF NOT EXISTS {table}_{name} PARTITION OF {table} FOR VALUES FROM"
                f" (current_date - {back}) TO (current_date - {back - 1})"
            )

    @contextmanager
    def locked(self, table: str) -> Iterator[None]:
        """Nobody can write into a table meanwhile."""
        with psycopg.connect(self.addresses.database_url) as connection:
            connection.execute(f"LOCK TABLE {table} IN SHARE MODE".encode())
            yield
            connection.rollback()

    def waits_for_a_lock(self) -> bool:
        """Whether somebody waits for one."""
        return self.number("SELECT count(*) FROM pg_locks WHERE NOT granted") > 0

    # -- processes ---------------------------------------------------------------------------

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the site is told."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("OUTCRY_")},
            "OUTCRY_DATA_DIR": str(self.data_dir),
            "OUTCRY_DATABASE_URL": self.addresses.database_url,
            "OUTCRY_REDIS_URL": self.addresses.redis_url,
            "OUTCRY_SECRET_KEY": "only for tests, as nobody else can reach them",
            "OUTCRY_SITE_URL": self.url,
            "OUTCRY_TRUSTED_PROXIES": "127.0.0.0/8",
            "OUTCRY_REPORTS_PER_MINUTE": "1000000",
            "OUTCRY_COUNTING_INTERVAL_SECONDS": "0.5",
            "OUTCRY_WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8,::1/128",
            "OUTCRY_OFFICIAL_INTERVAL_SECONDS": "0",
            "OUTCRY_OFFICIAL_ALLOW_PRIVATE": "true",
            "OUTCRY_LOG_LEVEL": "WARNING",
        }

    def manage(self, *words: str) -> str:
        """Run a command; its output. Fails with it when it fails."""
        done = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "manage.py", *words],
            cwd=PROJECT_ROOT,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a process as the process group would, leading a session of its own."""
        with self.log.open("ab") as log:
            return subprocess.Popen(  # noqa: S603 - our own words
                commands.here(command),
                cwd=PROJECT_ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @contextmanager
    def running(self, *some: Sequence[str]) -> Iterator[list[subprocess.Popen[bytes]]]:
        """Several processes, stopped at the end whatever happens."""
        processes = [self.start(command) for command in some]
        try:
            yield processes
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(STOP_SECONDS)
                kill(process)

    def answers(self) -> bool:
        """Whether the web server does."""
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/healthz").status_code == httpx.codes.OK
        return False

    def told(self) -> str:
        """The last of what all processes wrote."""
        return self.log.read_text()[-5_000:]

    def marks(self) -> str:
        """How far counting and evaluation have come."""
        return str(
            self.rows(
                "SELECT now(), (SELECT max(counted_until) FROM aggregator_countingmark),"
                " (SELECT max(evaluated_until) FROM aggregator_evaluationmark),"
                " (SELECT count(*) FROM aggregator_outage)"
            )
        )

    # -- reports -----------------------------------------------------------------------------

    def report(self, number: int, service: str = "claude") -> list[httpx.Response]:
        """Reports of so many different people, several at a time; the answers."""
        people = [next(self._senders) for _ in range(number)]
        with httpx.Client(base_url=self.url, timeout=30) as client:

            def send(person: int) -> httpx.Response:
                return client.post(
                    "/api/v1/reports",
                    json={"service": service, "region": "US-CA", "problem_type": "api"},
                    headers={"X-Forwarded-For": address(person % 500, person // 500)},
                )

            with ThreadPoolExecutor(SENDERS_AT_ONCE) as pool:
                return list(pool.map(send, people))

    def settle(self, accepted: int) -> None:
        """Wait until everything is counted, then prove it.

        Args:
            accepted: how many Reports must be there, none lost and none doubled.
        """
        wait_until(self._is_counted, SETTLE_SECONDS, self.told)
        assert self.number("SELECT count(*) FROM reports_report") == accepted
        assert self.counted() == accepted
        self.manage("recount", "--check")

    def counted(self) -> int:
        """The sum of all counts by Minute."""
        return self.number("SELECT coalesce(sum(count), 0) FROM aggregator_minutecount")

    def _is_counted(self) -> bool:
        return self.counted() >= self.number("SELECT count(*) FROM reports_report")


def accepted(answers: Sequence[httpx.Response]) -> int:
    """How many of the answers promise that a Report is kept."""
    return sum(answer.status_code == httpx.codes.ACCEPTED for answer in answers)


def kill(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started, with SIGKILL."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def worker(name: str) -> tuple[str, ...]:
    """The worker's command with a name of its own."""
    return (*commands.worker(), "--hostname", f"{name}@%h")
