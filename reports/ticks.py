"""Ticks: tasks that come again anyway, so a passing failure needs no retry of its own."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import InterfaceError, OperationalError

log = structlog.get_logger(__name__)


@contextmanager
def left_to_the_next_tick() -> Iterator[None]:
    """Turns a passing failure of the database (deadlock, lost connection) into a log line.

    Its transaction is rolled back whole and the next tick finds the same work; a retry queue of
    its own would only pile up while the database is away.
    """
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        log.warning("tick.failed", error=str(error).strip())
