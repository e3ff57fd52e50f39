"""The heartbeat of intake: which Minutes had somebody to take Reports."""

from datetime import datetime, timedelta
from typing import Protocol

import psycopg
import structlog

MINUTE = timedelta(minutes=1)
RETRY_SECONDS = 5.0

log = structlog.get_logger(__name__)


class Beating(Protocol):
    """Where a heartbeat is written."""

    def beat(self, minute: datetime) -> None:
        """Write it, or raise psycopg.Error."""


class Heartbeat:
    """Writes each Minute once while its process lives. For one thread."""

    def __init__(self) -> None:
        """Due at once."""
        self._due: datetime | None = None

    def beat_if_due(self, where: Beating, now: datetime) -> None:
        """Write the Minute of `now` unless that was done; a failure is tried again soon.

        Args:
            where: the database connection to write by.
            now: aware.
        """
        if self._due is not None and now < self._due:
            return
        minute = now.replace(second=0, microsecond=0)
        try:
            where.beat(minute)
        except psycopg.Error as error:
            log.warning("intake.heartbeat_failed", error=type(error).__name__)
            self._due = now + timedelta(seconds=RETRY_SECONDS)
        else:
            self._due = minute + MINUTE

    def seconds_until_due(self, now: datetime) -> float:
        """How long the next heartbeat may wait, in seconds, never negative."""
        return max(0.0, (self._due - now).total_seconds()) if self._due else 0.0
