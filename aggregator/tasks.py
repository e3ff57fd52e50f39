"""The aggregator's tasks: a table of contents. Each one says only "there may be work"."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog
from celery import shared_task
from django.db import InterfaceError, OperationalError

from aggregator import alerting, counting, evaluation, rollups

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


@shared_task(name="aggregator.count", time_limit=600, soft_time_limit=540)
def count() -> None:
    """Count what is new, then evaluate the Minutes that are complete."""
    with left_to_the_next_tick():
        counting.catch_up(datetime.now(UTC))
        evaluation.evaluate(datetime.now(UTC))


@shared_task(name="aggregator.deliver", time_limit=300, soft_time_limit=240)
def deliver() -> None:
    """Send the Alerts that are due."""
    with left_to_the_next_tick():
        alerting.deliver_due(datetime.now(UTC))


@shared_task(name="aggregator.partition", time_limit=150, soft_time_limit=120)
def partition() -> None:
    """Make the Minutes' partitions ahead of time, drop the oldest."""
    with left_to_the_next_tick():
        rollups.keep_partitions(datetime.now(UTC))
