"""The commands of every process, the same on one machine, in the containers and in the tests."""

import sys
from collections.abc import Sequence

WEB_WORKERS = 2
# Threads of one web process. Most of them wait together for the commit that they share.
WEB_THREADS = 32
# Room for a slow delivery and a long upkeep task beside the counting.
WORKER_PROCESSES = 4
QUEUES = ("counting", "alerting", "upkeep")

Command = tuple[str, ...]


def web(host: str, port: int) -> Command:
    """The web server: Granian, WSGI.

    >>> web("127.0.0.1", 8000)[:3]
    ('python', '-m', 'granian')
    """
    return (
        *("python", "-m", "granian", "--interface", "wsgi"),
        *("--host", host, "--port", str(port)),
        *("--workers", str(WEB_WORKERS), "--blocking-threads", str(WEB_THREADS)),
        *("--no-ws", "--respawn-failed-workers", "--workers-kill-timeout", "4"),
        *("--log-level", "error"),
        "config.wsgi:application",
    )


def worker() -> Command:
    """The Celery worker; a report's counting never waits for a slow webhook."""
    return (
        *("python", "-m", "celery", "--quiet", "--app", "config", "worker"),
        *("--queues", ",".join(QUEUES), "--concurrency", str(WORKER_PROCESSES)),
        *("--without-gossip", "--without-mingle", "--loglevel", "WARNING"),
    )


def beat() -> Command:
    """The clock. It keeps no file: every tick is safe to lose and safe to have twice."""
    return (
        *("python", "-m", "celery", "--quiet", "--app", "config", "beat"),
        *("--scheduler", "celery.beat:Scheduler", "--loglevel", "WARNING"),
    )


def listen() -> Command:
    """What listens to public streams of posts, where the operator asks for some."""
    return ("python", "manage.py", "listen")


def prepare() -> Command:
    """What brings the database up to date before anything else starts."""
    return ("python", "manage.py", "prepare")


def gather_static() -> Command:
    """What gathers the static files; an image has them already."""
    return ("python", "manage.py", "gather_static")


def simulate(scenario: str, url: str, speed: float) -> Command:
    """A crowd of a scenario against a running server."""
    return (
        *("python", "manage.py", "simulate", scenario, "--url", url),
        *("--speed", f"{speed:g}", "--quiet"),
    )


def here(command: Sequence[str]) -> list[str]:
    """The command with this interpreter in place of the word `python`.

    >>> here(["python", "-m", "celery"])[1:]
    ['-m', 'celery']
    """
    return [sys.executable if word == "python" else word for word in command]
