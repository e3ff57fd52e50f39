"""The task of the site itself."""

from datetime import UTC, datetime

from celery import shared_task

from config import site_minutes
from reports.ticks import left_to_the_next_tick


@shared_task(name="config.note", soft_time_limit=25, time_limit=30)
def note() -> None:
    """Note how the site is doing, once a minute."""
    with left_to_the_next_tick():
        site_minutes.note(datetime.now(UTC))
