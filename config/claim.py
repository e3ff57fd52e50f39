"""One server a data directory: the claim, and the end of what a killed server left running."""

import fcntl
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO

import psutil

END_SECONDS = 5.0
# The start is reckoned from the time of boot, which moves a little when the clock is set.
SAME_START_SECONDS = 1.0


class ClaimedError(RuntimeError):
    """Another server runs on this data directory; the message says which and where."""


class Claim:
    """The data directory held for one server, as a context.

    The lock ends with its holder, however that dies. The file beside it says who holds it, and
    which processes it started: those that are still there at the next start are ended, if their
    start times prove that they are the same.

    Args:
        data_dir: the folder, made when missing.
        address: where the server can be reached, for the message to the second one.
    """

    def __init__(self, data_dir: Path, address: str) -> None:
        self._lock_path = data_dir / "server.lock"
        self._notes_path = data_dir / "server.json"
        self._address = address
        self._lock: IO[str] | None = None

    def __enter__(self) -> "Claim":
        """Take the claim.

        Raises:
            ClaimedError: when another process holds it.
        """
        self._lock_path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = self._lock_path.open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._lock.close()
            raise ClaimedError(self._holder()) from error
        end_processes(self._noted())
        self.note([])
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Give the claim back."""
        self._notes_path.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()

    def note(self, pids: Iterable[int]) -> None:
        """Remember the processes that the server runs now."""
        started = [(pid, start) for pid in pids if (start := start_time(pid)) is not None]
        notes = {"pid": os.getpid(), "address": self._address, "processes": started}
        # Replaced in one step: a crash leaves the old notes or the new ones.
        fresh = self._notes_path.with_suffix(".new")
        fresh.write_text(json.dumps(notes))
        fresh.replace(self._notes_path)

    def _holder(self) -> str:
        notes = self._read()
        return (
            f"Another server of {self._lock_path.parent} runs already: "
            f"process {notes.get('pid', '?')}, {notes.get('address', 'address unknown')}. "
            "Stop it first, or set OUTCRY_DATA_DIR to another folder."
        )

    def _noted(self) -> list[tuple[int, float]]:
        processes = self._read().get("processes")
        return [(pid, start) for pid, start in processes] if isinstance(processes, list) else []

    def _read(self) -> dict[str, object]:
        with suppress(OSError, ValueError):
            notes = json.loads(self._notes_path.read_text())
            if isinstance(notes, dict):
                return notes
        return {}


def start_time(pid: int) -> float | None:
    """When a process started, seconds of the epoch; None when there is none."""
    try:
        return psutil.Process(pid).create_time()
    except psutil.Error:
        return None


def end_processes(noted: Iterable[tuple[int, float]]) -> None:
    """End those of the noted processes that still run, with all that they started.

    A process whose start time is another one only inherited the number: it is left alone.
    """
    found: list[psutil.Process] = []
    for pid, start in noted:
        now = start_time(pid)
        if now is not None and abs(now - start) < SAME_START_SECONDS:
            with suppress(psutil.Error):
                process = psutil.Process(pid)
                found += [process, *process.children(recursive=True)]
    for process in found:
        with suppress(psutil.Error):
            process.terminate()
    _, stubborn = psutil.wait_procs(found, timeout=END_SECONDS)
    for process in stubborn:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(stubborn, timeout=END_SECONDS)
