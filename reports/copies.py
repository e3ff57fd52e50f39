"""A process's copy of a small table, read again every few seconds, for all of its threads."""

from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import ClassVar, Generic, TypeVar

import structlog
from django.db import Error, OperationalError

# A lost database is waited for by one look at one copy; for so long nobody else tries. Requests
# that wait for it one after the other, each for all the copies it needs, would never end.
AWAY_SECONDS = 5.0

log = structlog.get_logger(__name__)

T = TypeVar("T")


class Copy(Generic[T]):
    """What a read gave, for some seconds; only the first one is worth waiting for."""

    failed_at: ClassVar[float] = float("-inf")
    """When a copy of this process could not be read last, by the monotonic clock."""

    def __init__(self, read: Callable[[], T], name: str) -> None:
        """Read at the first look.

        Args:
            read: asks the database.
            name: what it is, for the log.
        """
        self._read = read
        self._name = name
        self._kept: T | None = None
        self._read_at: float | None = None
        self._lock = Lock()

    def get(self, fresh_seconds: float) -> T:
        """What was read at most so long ago, or is being read anew by another thread.

        Args:
            fresh_seconds: how old the copy may be.

        Raises:
            django.db.Error: when nothing was ever read and the database can't be asked.
        """
        self._refresh(fresh_seconds)
        kept = self._kept
        if kept is None:  # Forgotten while we looked.
            kept = self._kept = self._read()
        return kept

    def last(self) -> T | None:
        """What was read last, however old; None when nothing was. Never asks the database."""
        return self._kept

    def forget(self) -> None:
        """Read again at the next look."""
        self._read_at = None

    def _refresh(self, fresh_seconds: float) -> None:
        read_at = self._read_at
        if read_at is not None and (monotonic() - read_at < fresh_seconds or _is_away()):
            return
        if not self._lock.acquire(blocking=read_at is None):
            return
        try:
            if self._read_at == read_at:
                self._read_anew(is_first=read_at is None)
        finally:
            self._lock.release()

    def _read_anew(self, *, is_first: bool) -> None:
        if _is_away():
            raise OperationalError("The database was away a moment ago.")
        try:
            self._kept = self._read()
        except Error as error:
            Copy.failed_at = monotonic()
            if is_first:
                raise
            # Yesterday's copy is better than none; the next try is due in a while.
            log.warning("copy.read_failed", of=self._name, error=type(error).__name__)
        self._read_at = monotonic()


def _is_away() -> bool:
    return monotonic() - Copy.failed_at < AWAY_SECONDS
