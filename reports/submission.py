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
from django.conf import settings

from reports import metrics
from reports.drafts import Draft, Receipt
from reports.heartbeat import Heartbeat
from reports.throttles import Throttle, ThrottledError
from reports.writing import WriteError, Writing

BATCH_SIZE = 500
# How many Drafts may wait: some seconds' worth. More would be answered too late to matter.
QUEUE_SIZE = 5_000
ANSWER_SECONDS = 10.0
STOP_SECONDS = 5.0

log = structlog.get_logger(__name__)

Outcome = Receipt | ThrottledError | WriteError | None


class UnavailableError(Exception):
    """A Report could not be made durable now; the sender may try again, a repeat does no harm."""

    RETRY_SECONDS = 5


@dataclass(eq=False, slots=True)
class _Waiting:
    """One Draft in the queue, and where its outcome is put."""

    draft: Draft
    is_throttled: bool
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
        self._heartbeat = Heartbeat()
        self._throttle = Throttle(settings.ENV.redis_url, settings.ENV.reports_per_minute)
        self._thread = threading.Thread(target=self._run, name="report-writer", daemon=True)
        self._thread.start()

    def enqueue(self, drafts: Sequence[Draft], *, is_throttled: bool) -> list[_Waiting]:
        """Put Drafts in line, all or none.

        Raises:
            UnavailableError: when too many are waiting already.
        """
        # Several threads may pass at once and overshoot a little: the bound is for memory.
        if self._queue.qsize() + len(drafts) > QUEUE_SIZE:
            metrics.REPORTS_REFUSED.labels("queue_full").inc(len(drafts))
            raise UnavailableError
        waiting = [_Waiting(draft, is_throttled) for draft in drafts]
        for one in waiting:
            self._queue.put(one)
        return waiting

    def is_alive(self) -> bool:
        """Whether anybody empties the queue."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Write what waits, then end the thread."""
        self._queue.put(None)
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while True:
            self._heartbeat.beat_if_due(self._writing, datetime.now(UTC))
            batch, stopping = self._take()
            if batch:
                self._settle(batch)
            if stopping:
                self._writing.close()
                self._throttle.close()
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

    def _settle(self, batch: list[_Waiting]) -> None:
        """Throttle, then write what is left; one round trip each for all of them."""
        metrics.BATCH_SIZE.observe(len(batch))
        try:
            asked = [one for one in batch if one.is_throttled]
            waits = self._throttle.waits([one.draft.hashes.fingerprint for one in asked])
            for one, wait in zip(asked, waits, strict=True):
                if wait:
                    metrics.REPORTS_REFUSED.labels("throttled").inc()
                    one.settle(ThrottledError(wait))
            taken = [one for one in batch if one.outcome is None]
            outcomes = self._writing.write([one.draft for one in taken])
            for one, outcome in zip(taken, outcomes, strict=True):
                one.settle(outcome)
        except Exception as error:
            # The thread must live, whatever a batch does to it.
            log.exception("reports.write_failed", reports=len(batch))
            for one in batch:
                one.settle(one.outcome or WriteError(type(error).__name__))


_writer: Writer | None = None
_start_lock = threading.Lock()


def submit(draft: Draft) -> Receipt:
    """Make one Report durable, or find the one it repeats; blocks until PostgreSQL has it.

    Raises:
        ThrottledError: when this sender sent too many.
        UnavailableError: when the database does not take it in time, or too many are waiting.
            Whether it was stored is then unknown; sending it again does no harm.
    """
    deadline = monotonic() + ANSWER_SECONDS
    (waiting,) = start().enqueue([draft], is_throttled=True)
    outcome = _outcome(waiting, deadline)
    if isinstance(outcome, Receipt):
        return outcome
    if isinstance(outcome, ThrottledError):
        raise outcome
    raise UnavailableError from outcome


def submit_many(drafts: Sequence[Draft]) -> list[Receipt | UnavailableError]:
    """The same for many at once, in their order and without a throttle.

    Raises:
        UnavailableError: when too many are waiting; then none of them was taken.
    """
    deadline = monotonic() + ANSWER_SECONDS
    waiting = start().enqueue(drafts, is_throttled=False)
    outcomes = [_outcome(one, deadline) for one in waiting]
    return [one if isinstance(one, Receipt) else UnavailableError() for one in outcomes]


def start() -> Writer:
    """The process's writer, started if need be; a web process calls this when it starts."""
    global _writer  # noqa: PLW0603 - one writer a process
    writer = _writer
    if writer is None or not writer.is_alive():
        with _start_lock:
            if _writer is None or not _writer.is_alive():
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


def _outcome(waiting: _Waiting, deadline: float) -> Outcome:
    if not waiting.done.wait(max(0.0, deadline - monotonic())):
        waiting.given_up = True
    return waiting.outcome


def _forget() -> None:
    """A forked child has its parent's variables but not its threads."""
    global _writer, _start_lock  # noqa: PLW0603 - one writer a process
    _writer = None
    _start_lock = threading.Lock()


os.register_at_fork(after_in_child=_forget)
atexit.register(stop)
