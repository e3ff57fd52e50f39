"""The only writer of Reports: durable before the answer, one commit for all who wait.

Requests hand their Drafts to one thread of their process. It takes all that wait, up to
`BATCH_SIZE`, and writes them in one transaction and one round trip; while that commits, the next
ones gather. Nobody waits for a batch to fill.

A repeat (same fingerprint, same Service, inside the dedupe window that starts with the first
counted Report) gets the first one's receipt. What makes that exact, between threads and between
processes, is in `reports.writing`.
"""

import atexit
import os
import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic

import structlog

from reports import heartbeat, metrics
from reports.drafts import Draft, Receipt
from reports.writing import Outcome, WriteError, Writing

BATCH_SIZE = 500
# How many Drafts may wait: some seconds' worth. More would be answered too late to matter.
QUEUE_SIZE = 5_000
ANSWER_SECONDS = 10.0
STOP_SECONDS = 5.0

log = structlog.get_logger(__name__)


class UnavailableError(Exception):
    """A Report could not be made durable now; the sender may try again, a repeat does no harm."""

    RETRY_SECONDS = 5


@dataclass(eq=False, slots=True)
class _Waiting:
    """One Draft in the queue, and where its outcome is put."""

    draft: Draft
    done: threading.Event = field(default_factory=threading.Event)
    outcome: Outcome = None
    # Set when the sender was already told that it failed; the writer then leaves it out.
    given_up: bool = False

    def settle(self, outcome: Outcome) -> None:
        self.outcome = outcome
        self.done.set()


class Writer:
    """One process's queue of Drafts and the thread that empties it."""

    def __init__(self) -> None:
        """Start the thread."""
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._writing = Writing()
        self._heartbeat = heartbeat.Heartbeat()
        self._thread = threading.Thread(target=self._run, name="report-writer", daemon=True)
        self._thread.start()

    def enqueue(self, drafts: Sequence[Draft]) -> list[_Waiting]:
        """Put Drafts in line, all or none.

        Raises:
            UnavailableError: when too many are waiting already.
        """
        # Several threads may pass at once and overshoot a little: the bound is for memory.
        if self._queue.qsize() + len(drafts) > QUEUE_SIZE:
            metrics.REPORTS_REFUSED.labels("queue_full").inc(len(drafts))
            raise UnavailableError
        waiting = [_Waiting(draft) for draft in drafts]
        for one in waiting:
            self._queue.put(one)
        return waiting

    def stop(self) -> None:
        """Write what waits, then end the thread."""
        self._queue.put(None)
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while True:
            self._heartbeat.beat_if_due(self._writing, datetime.now(UTC))
            batch, stopping = self._take()
            if batch:
                self._write(batch)
            if stopping:
                self._writing.close()
                return

    def _take(self) -> tuple[list[_Waiting], bool]:
        """Wait for a Draft or the next heartbeat; then everything that waits, up to a batch."""
        batch: list[_Waiting] = []
        try:
            one = self._queue.get(timeout=self._heartbeat.seconds_until_due(datetime.now(UTC)))
            while one is not None:
                if not one.given_up:
                    batch.append(one)
                if len(batch) == BATCH_SIZE:
                    return batch, False
                one = self._queue.get_nowait()
        except queue.Empty:
            return batch, False
        return batch, True

    def _write(self, batch: list[_Waiting]) -> None:
        try:
            outcomes = self._writing.write([one.draft for one in batch])
        except Exception as error:
            log.exception("reports.write_failed", reports=len(batch))
            outcomes = [WriteError(str(error))] * len(batch)
        for one, outcome in zip(batch, outcomes, strict=True):
            one.settle(outcome)


_writer: Writer | None = None
_start_lock = threading.Lock()


def submit(draft: Draft) -> Receipt:
    """Make one Report durable, or find the one it repeats; blocks until PostgreSQL has it.

    Raises:
        UnavailableError: when the database does not take it in time, or too many are waiting.
            Whether it was stored is then unknown; sending it again does no harm.
    """
    outcome = submit_many([draft])[0]
    if isinstance(outcome, Receipt):
        return outcome
    raise UnavailableError from outcome


def submit_many(drafts: Sequence[Draft]) -> list[Receipt | UnavailableError]:
    """The same for many at once, in their order: for each a receipt or why there is none.

    Raises:
        UnavailableError: when too many are waiting; then none of them was taken.
    """
    waiting = start().enqueue(drafts)
    deadline = monotonic() + ANSWER_SECONDS
    return [_answer(one, deadline) for one in waiting]


def start() -> Writer:
    """The process's writer, started if need be; a web process calls this when it starts."""
    global _writer  # noqa: PLW0603 - one writer a process
    writer = _writer
    if writer is None:
        with _start_lock:
            if _writer is None:
                _writer = Writer()
            writer = _writer
    return writer


def stop() -> None:
    """Write what waits and end the thread; the next `submit` starts a new one."""
    global _writer
    with _start_lock:
        writer, _writer = _writer, None
    if writer is not None:
        writer.stop()


def _answer(waiting: _Waiting, deadline: float) -> Receipt | UnavailableError:
    if not waiting.done.wait(max(0.0, deadline - monotonic())):
        waiting.given_up = True
    outcome = waiting.outcome
    if isinstance(outcome, Receipt):
        return outcome
    unavailable = UnavailableError()
    unavailable.__cause__ = outcome
    return unavailable


def _forget() -> None:
    """A forked child has its parent's variables but not its threads."""
    global _writer, _start_lock  # noqa: PLW0603 - one writer a process
    _writer = None
    _start_lock = threading.Lock()


os.register_at_fork(after_in_child=_forget)
atexit.register(stop)
