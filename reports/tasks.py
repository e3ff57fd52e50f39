"""The tasks of `reports`: each a tick that says "there may be work"."""

from datetime import UTC, datetime

import structlog
from celery import shared_task

from reports import retention, votes
from reports.ticks import left_to_the_next_tick

log = structlog.get_logger(__name__)


@shared_task(name="reports.retire", soft_time_limit=300, time_limit=360)
def retire() -> None:
    """Make partitions ahead and drop what is too old, once an hour."""
    with left_to_the_next_tick():
        now = datetime.now(UTC)
        votes.keep_partitions(now)
        retired = retention.retire(now)
        log.info("reports.retired", made=len(retired.made), dropped=len(retired.dropped))
