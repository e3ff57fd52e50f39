"""A small process group: starts programs, restarts those that die, stops all of them in order.

One thread and one loop. Every program leads a session of its own, so that a Ctrl-C at the terminal
reaches the supervisor alone and a program's own children are ended with it.
"""

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType

LAST_LINES = 20
LOOP_SECONDS = 0.2
# A program that lived this long was well started: what it did before is forgiven.
WELL_STARTED_SECONDS = 30.0
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
MOST_EARLY_DEATHS = 5
PR_SET_PDEATHSIG = 1  # linux/prctl.h
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass(frozen=True, slots=True)
class Program:
    """One member of the group.

    Attributes:
        name: what messages call it.
        command: its argument list.
        stage: programs of a lower stage are stopped, and gone, before the next stage is asked.
        grace_seconds: how long it may take to stop when asked by SIGTERM.
        once: it ends by itself and is not started again.
    """

    name: str
    command: Sequence[str]
    stage: int = 0
    grace_seconds: float = 5.0
    once: bool = False


@dataclass(slots=True)
class Member:
    """A Program and its present process."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    start_at: float | None = None
    early_deaths: int = 0
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=LAST_LINES))


def pause_after(early_deaths: int) -> float:
    """Seconds to wait before the next start, doubling with every early death.

    >>> [pause_after(deaths) for deaths in (0, 1, 2, 9)]
    [0.5, 1.0, 2.0, 30.0]
    """
    return min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * float(2**early_deaths))


class Supervisor:
    """Runs Programs until it is told to stop or one of them can't be kept alive.

    Args:
        programs: what to run, started in this order.
        tick: called several times a second; may `add` programs.
        changed: called with the process ids whenever a program was started.
    """

    def __init__(
        self,
        programs: Iterable[Program],
        *,
        tick: Callable[["Supervisor"], None] = lambda _: None,
        changed: Callable[[list[int]], None] = lambda _: None,
    ) -> None:
        self._members: list[Member] = []
        self._tick = tick
        self._changed = changed
        self._selector = selectors.DefaultSelector()
        self._stops_asked = 0
        self._hopeless: Member | None = None
        self._programs = list(programs)

    def run(self) -> int:
        """Run until SIGINT or SIGTERM; a second one ends everything at once.

        Returns:
            0 when it was asked to stop, 1 when a program died too often.
        """
        with self._signals():
            try:
                for program in self._programs:
                    self.add(program)
                while not self._stops_asked and self._hopeless is None:
                    self._round()
                    self._tick(self)
            finally:
                self._stop_all()
        if self._hopeless:
            self._explain(self._hopeless)
        return 1 if self._hopeless else 0

    def add(self, program: Program) -> None:
        """Start one more program."""
        member = Member(program)
        self._members.append(member)
        self._start(member)

    # -- running -----------------------------------------------------------------------------

    def _round(self) -> None:
        self._forward_output(LOOP_SECONDS)
        now = time.monotonic()
        for member in self._members:
            if member.process is not None and member.process.poll() is not None:
                self._bury(member, now)
            elif member.start_at is not None and now >= member.start_at:
                self._start(member)

    def _start(self, member: Member) -> None:
        parent = os.getpid()
        reader, writer = os.pipe()
        member.process = subprocess.Popen(  # noqa: S603 - our own words
            member.program.command,
            stdin=subprocess.DEVNULL,
            stdout=writer,
            stderr=writer,
            start_new_session=True,
            # Safe here: this process has one thread, and the child makes one system call.
            preexec_fn=lambda: _end_with(parent),  # noqa: PLW1509
        )
        os.close(writer)
        self._selector.register(reader, selectors.EVENT_READ, member)
        member.started, member.start_at = time.monotonic(), None
        self._changed([pid for pid in map(_pid, self._members) if pid])

    def _bury(self, member: Member, now: float) -> None:
        """Take note of a death: start again after a pause, or give up."""
        process = member.process
        if process is None:
            return
        # What the program itself had started (workers of the web server) goes with it.
        _signal_group(process, signal.SIGKILL)
        self._forward_output(0)
        member.process = None
        if member.program.once:
            return
        early = now - member.started < WELL_STARTED_SECONDS
        member.early_deaths = member.early_deaths + 1 if early else 0
        if member.early_deaths >= MOST_EARLY_DEATHS:
            self._hopeless = member
            return
        pause = pause_after(member.early_deaths)
        member.start_at = now + pause
        say(f"{member.program.name} ended ({process.returncode}); again in {pause:g} s.")

    def _forward_output(self, seconds: float) -> None:
        """Pass on what the programs wrote, waiting at most some seconds for the first of it."""
        for key, _ in self._selector.select(seconds):
            text = os.read(key.fd, 65536)
            if not text:
                self._selector.unregister(key.fileobj)
                os.close(key.fd)
                continue
            sys.stderr.buffer.write(text)
            sys.stderr.buffer.flush()
            key.data.lines.extend(text.decode(errors="replace").splitlines())

    def _explain(self, member: Member) -> None:
        say(f"{member.program.name} ended {MOST_EARLY_DEATHS} times in a row. Its last lines:")
        for line in member.lines:
            say(f"    {line}")

    # -- stopping ----------------------------------------------------------------------------

    def _stop_all(self) -> None:
        for stage in sorted({member.program.stage for member in self._members}):
            self._stop_stage([m for m in self._members if m.program.stage == stage])

    def _stop_stage(self, members: list[Member]) -> None:
        processes = [member.process for member in members if member.process is not None]
        for process in processes:
            with suppress(ProcessLookupError):
                process.terminate()
        grace = max((member.program.grace_seconds for member in members), default=0.0)
        deadline = time.monotonic() + grace
        while any(process.poll() is None for process in processes):
            if time.monotonic() > deadline or self._stops_asked > 1:
                break
            self._forward_output(0.05)
        for process in processes:
            _signal_group(process, signal.SIGKILL)
            process.wait()

    # -- signals -----------------------------------------------------------------------------

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Count SIGINT and SIGTERM; the loop looks at the count several times a second."""

        def ask(_number: int, _frame: FrameType | None) -> None:
            self._stops_asked += 1

        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self._selector.close()


def say(text: str) -> None:
    """Tell the person at the terminal; logs are for machines."""
    sys.stderr.write(f"outcry: {text}\n")
    sys.stderr.flush()


def _pid(member: Member) -> int | None:
    return member.process.pid if member.process else None


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _end_with(parent: int) -> None:
    """In the new child: have the kernel send SIGTERM when the supervisor dies by SIGKILL."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        # The supervisor may have died before the line above.
        if os.getppid() != parent:
            os._exit(1)
