"""Outcry on one machine: `python -m config.serve [--demo]`, what `script/server` runs.

It takes the data directory, makes sure of the port, joins the embedded engines, brings the database
up to date, and then keeps web, worker and clock running until it is told to stop.
"""

import argparse
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from config import commands, engines
from config.claim import Claim, ClaimedError
from config.env import PROJECT_ROOT, data_directory
from config.supervisor import Program, Supervisor, say

START_SECONDS = 60.0
PROBE_SECONDS = 1.0
PROBE_PAUSE_SECONDS = 0.25
WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}  # noqa: S104 - looked up, not bound
DEMO_SCENARIO = "claude-2026-03-18"
# The scenario's peak quarter-hour passes in a minute and a half.
DEMO_SPEED = 10.0
BACKGROUND_SCENARIO = "ordinary"
STREAMS = ("OUTCRY_SOCIAL_STREAMS", "OUTCRY_SOCIAL_STREAMS_FILE")


class ServeError(RuntimeError):
    """The server can't start; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to serve, and where."""

    host: str
    port: int
    data_dir: Path
    demo: bool

    @property
    def reach(self) -> str:
        """The host to ask from this machine."""
        return WILDCARDS.get(self.host, self.host)

    @property
    def address(self) -> str:
        """The address to open in a browser on this machine."""
        host = f"[{self.reach}]" if ":" in self.reach else self.reach
        return f"http://{host}:{self.port}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to stop; the exit status."""
    parser = argparse.ArgumentParser(
        prog="script/server",
        description="Runs Outcry: web, worker, clock and the embedded engines.",
        epilog="PORT (8000), OUTCRY_HOST (127.0.0.1) and OUTCRY_DATA_DIR (var/) say where.",
    )
    parser.add_argument(
        "--demo", action="store_true", help="with a simulated past and a live outage unfolding"
    )
    options = parser.parse_args(arguments)
    # Until the supervisor takes over, SIGTERM leaves the same way as Ctrl-C: cleanly.
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return _serve(plan(demo=options.demo))
    except (ServeError, ClaimedError, engines.EngineError) as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("stopped before it was ready.")
        return 130


def plan(*, demo: bool) -> Plan:
    """The plan that the environment asks for.

    Raises:
        ServeError: when PORT is no port, or the demo would write into somebody's database.
    """
    environment = os.environ
    text = environment.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        message = f"PORT is {text!r}, which is no port number (1 to 65535)."
        raise ServeError(message)
    if demo and {"OUTCRY_DATABASE_URL", "OUTCRY_DATABASE_URL_FILE"} & set(environment):
        message = (
            "--demo writes simulated reports, and OUTCRY_DATABASE_URL may be a real site's. "
            "Unset it: the demo has a database of its own."
        )
        raise ServeError(message)
    data_dir = data_directory() / "demo" if demo else data_directory()
    return Plan(environment.get("OUTCRY_HOST") or "127.0.0.1", int(text), data_dir, demo)


def _serve(chosen: Plan) -> int:
    os.chdir(PROJECT_ROOT)
    with Claim(chosen.data_dir, chosen.address) as claim:
        check_port(chosen.host, chosen.port)
        _set_environment(chosen)
        say("starting; the first time takes a little longer …")
        engines.set_environment(chosen.data_dir)
        _prepare(chosen)
        watch = _Watch(chosen)
        supervisor = Supervisor(programs(chosen), tick=watch.tick, changed=claim.note)
        status = supervisor.run()
        say("stopped.")
        engines.leave(chosen.data_dir)
    return status


def check_port(host: str, port: int) -> None:
    """Make sure that the address is free.

    Raises:
        ServeError: when it is taken or can't be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            reason = error.strerror or str(error)
            message = (
                f"Port {port} of {host} can't be had: {reason}. "
                f"Choose another one: PORT={min(port + 1, 65535)} script/server"
            )
            raise ServeError(message) from error


def programs(chosen: Plan) -> list[Program]:
    """The members of the process group; the web server and the clock stop before the worker."""
    here = commands.here
    members = [
        Program("worker", here(commands.worker()), stage=1, grace_seconds=5),
        Program("web", here(commands.web(chosen.host, chosen.port)), grace_seconds=5),
        Program("clock", here(commands.beat()), grace_seconds=3),
    ]
    if any(os.environ.get(name) for name in STREAMS):
        members.append(Program("listener", here(commands.listen()), grace_seconds=5))
    return members


def crowd(chosen: Plan) -> list[Program]:
    """The demo's crowds: an ordinary day of all services, and one bad hour."""
    told = [(BACKGROUND_SCENARIO, 1.0), (DEMO_SCENARIO, DEMO_SPEED)]
    return [
        Program(name, commands.here(commands.simulate(name, chosen.address, speed)), once=True)
        for name, speed in told
    ]


class _Watch:
    """Waits for the first answer, tells the address, and lets the demo's crowds in."""

    def __init__(self, chosen: Plan) -> None:
        self._plan = chosen
        self._answered = False
        self._deadline = time.monotonic() + START_SECONDS
        self._next = 0.0

    def tick(self, supervisor: Supervisor) -> None:
        """Look once, unless it has answered already."""
        now = time.monotonic()
        if self._answered or now < self._next:
            return
        self._next = now + PROBE_PAUSE_SECONDS
        if not _answers(self._plan):
            if now > self._deadline:
                self._deadline += START_SECONDS
                say("still no answer from the web server; the lines above may say why.")
            return
        self._answered = True
        sys.stdout.write(f"Outcry is ready: {self._plan.address}/  (Ctrl-C stops it)\n")
        if self._plan.demo:
            sys.stdout.write("This is a demonstration: every report in it is simulated.\n")
            sys.stdout.write(f"For its commands: export OUTCRY_DATA_DIR={self._plan.data_dir}\n")
        sys.stdout.flush()
        if self._plan.demo:
            for program in crowd(self._plan):
                supervisor.add(program)


def _answers(chosen: Plan) -> bool:
    with suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection(chosen.reach, chosen.port, timeout=PROBE_SECONDS)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        finally:
            connection.close()
    return False


def _set_environment(chosen: Plan) -> None:
    """What the programs are told beyond what the operator said."""
    metrics = chosen.data_dir / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(parents=True)
    told = {
        "OUTCRY_DATA_DIR": str(chosen.data_dir),
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        "PYTHONUNBUFFERED": "1",
    }
    defaults = {"OUTCRY_SITE_URL": chosen.address}
    if sys.stderr.isatty():
        defaults["OUTCRY_LOG_FORMAT"] = "console"
    if chosen.demo:
        told |= {
            "OUTCRY_DEMO": "true",
            "OUTCRY_TRUSTED_PROXIES": "127.0.0.0/8,::1",
            # Real vendors have nothing to say of a simulated outage.
            "OUTCRY_OFFICIAL_INTERVAL_SECONDS": "0",
            # And real people nothing of it either.
            **dict.fromkeys(STREAMS, ""),
        }
        defaults["OUTCRY_LOG_LEVEL"] = "WARNING"
    os.environ.update(told)
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


def _prepare(chosen: Plan) -> None:
    prepare = commands.here(commands.prepare())
    if chosen.demo:
        prepare.append("--demo")
    for command in (prepare, commands.here(commands.gather_static())):
        if subprocess.run(command, check=False).returncode:  # noqa: S603 - our own words
            message = f"manage.py {command[2]} failed; the lines above say why."
            raise ServeError(message)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
