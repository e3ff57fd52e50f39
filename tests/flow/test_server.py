"""`script/server` as an operator meets it: started, stopped, killed, started again."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import pytest

from config import engines
from config.env import PROJECT_ROOT
from tests.flow.waiting import wait_until

pytestmark = pytest.mark.flow

START_SECONDS = 90.0
STOP_SECONDS = 30.0


class Server:
    """A server of its own data directory, in a process of its own."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.log = data_dir.parent / "server.log"
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it says that it is ready."""
        starts = self.told().count("Outcry is ready")
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.serve"],
                cwd=PROJECT_ROOT,
                env=own_environment(self.data_dir, self.port),
                stdout=log,
                stderr=log,
            )
        wait_until(
            lambda: self.lives() and self.told().count("Outcry is ready") > starts,
            START_SECONDS,
            self.told,
        )

    def lives(self) -> bool:
        """Whether its process is there; fails with its log when it has ended."""
        assert self.process is not None
        assert self.process.poll() is None, self.told()
        return True

    def answers(self) -> bool:
        """Whether its web server answers."""
        with suppress(httpx.TransportError):
            return self.lives() and httpx.get(f"{self.address}/healthz").status_code == 200
        return False

    def stop(self, how: signal.Signals) -> int:
        """Send a signal and wait for the end; the exit status."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(STOP_SECONDS)

    def told(self) -> str:
        """All it has written so far."""
        return self.log.read_text() if self.log.exists() else ""


def own_environment(data_dir: Path, port: int) -> dict[str, str]:
    foreign = {"OUTCRY_DATABASE_URL", "OUTCRY_REDIS_URL", "OUTCRY_SECRET_KEY"}
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return {**kept, "OUTCRY_DATA_DIR": str(data_dir), "PORT": str(port)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    # Longer than a Unix socket's path may be, and with a space.
    deep = folder / ("a rather long folder name " * 4).strip() / "data"
    deep.mkdir(parents=True)
    made = Server(deep)
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop(signal.SIGTERM)
    engines.stop_postgres(deep)
    engines.stop_redis(deep)


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_server_stops_cleanly_and_takes_its_engines_along(
    server: Server, how: signal.Signals
) -> None:
    server.start()
    group = processes_of(server)

    status = server.stop(how)

    assert status == 0, server.told()
    assert f"Outcry is ready: {server.address}/" in server.told()
    assert "stopped." in server.told()
    assert [process for process in group if is_running(process)] == []
    assert not (server.data_dir / "postgres" / "postmaster.pid").exists()


def test_a_killed_server_blocks_no_next_start(server: Server) -> None:
    server.start()
    before = processes_of(server)
    secret = (server.data_dir / "secret_key").read_text()
    server.stop(signal.SIGKILL)

    server.start()

    assert (server.data_dir / "secret_key").read_text() == secret
    assert [process for process in before if is_running(process)] == []


def test_a_second_server_is_told_of_the_first(server: Server) -> None:
    server.start()

    second = subprocess.run(
        [sys.executable, "-m", "config.serve"],
        cwd=PROJECT_ROOT,
        env=own_environment(server.data_dir, free_port()),
        check=False,
        capture_output=True,
        text=True,
    )

    assert second.returncode == 1
    assert server.address in second.stderr
    assert server.answers()


def test_a_web_server_that_dies_comes_back(server: Server) -> None:
    server.start()
    web = next(p for p in processes_of(server) if "granian" in " ".join(p.cmdline()))

    web.kill()

    wait_until(lambda: "web ended (-9)" in server.told(), STOP_SECONDS, server.told)
    wait_until(server.answers, START_SECONDS, server.told)


def processes_of(server: Server) -> list[psutil.Process]:
    notes = json.loads((server.data_dir / "server.json").read_text())
    return [psutil.Process(pid) for pid, _ in notes["processes"]]


def is_running(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
