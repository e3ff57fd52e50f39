"""The tasks of `reports`: each a tick that says "there may be work"."""

from datetime import UTC, datetime

import structlog
from celery import shared_task

from reports import bans, bursts, moderation_jobs, retention, votes
from reports.ticks import left_to_the_next_tick

log = structlog.get_logger(__name__)


@shared_task(name="reports.retire", soft_time_limit=300, time_limit=360)
def retire() -> None:
    """Make partitions ahead and drop what is too old, once an hour."""
    with left_to_the_next_tick():
        now = datetime.now(UTC)
        votes.keep_partitions(now)
        bans.forget_ended(now)
        retired = retention.retire(now)
        log.info("reports.retired", made=len(retired.made), dropped=len(retired.dropped))


@shared_task(name="reports.moderate", soft_time_limit=110, time_limit=120)
def moderate() -> None:
    """Go on with what moderators asked for in the background."""
    with left_to_the_next_tick():
        moderation_jobs.work(datetime.now(UTC))


@shared_task(name="reports.find_bursts", soft_time_limit=55, time_limit=60)
def find_bursts() -> None:
    """Flag Reports that look made."""
    with left_to_the_next_tick():
        bursts.find(datetime.now(UTC))
