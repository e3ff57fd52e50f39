"""The aggregator's tasks: a table of contents. Each one says only "there may be work"."""

from datetime import UTC, datetime

from celery import shared_task

from aggregator import (
    alerting,
    counting,
    effects,
    evaluation,
    open_data,
    rollups,
    signups,
    subscriptions,
    traces,
    trials,
)
from aggregator.official import polling
from reports.ticks import left_to_the_next_tick


@shared_task(name="aggregator.count", time_limit=600, soft_time_limit=540)
def count() -> None:
    """Count what is new, then evaluate the Minutes that are complete."""
    with left_to_the_next_tick():
        counting.catch_up(datetime.now(UTC))
        evaluation.evaluate(datetime.now(UTC))


@shared_task(name="aggregator.deliver", time_limit=300, soft_time_limit=240)
def deliver() -> None:
    """Send the Alerts that are due, and what people wait for who subscribe."""
    with left_to_the_next_tick():
        alerting.deliver_due(datetime.now(UTC))
        signups.send_due(datetime.now(UTC))
        trials.send_asked(datetime.now(UTC))


@shared_task(name="aggregator.forget", time_limit=300, soft_time_limit=240)
def forget() -> None:
    """Delete what was told or asked for too long ago, and who left."""
    with left_to_the_next_tick():
        alerting.retire(datetime.now(UTC))
        signups.retire(datetime.now(UTC))
        subscriptions.retire(datetime.now(UTC))


@shared_task(name="aggregator.partition", time_limit=150, soft_time_limit=120)
def partition() -> None:
    """Make the Minutes' partitions ahead of time, drop the oldest."""
    with left_to_the_next_tick():
        rollups.keep_partitions(datetime.now(UTC))


@shared_task(name="aggregator.trace", time_limit=150, soft_time_limit=120)
def trace() -> None:
    """Bring the Services' last day up to date for the lists that draw it."""
    with left_to_the_next_tick():
        traces.trace(datetime.now(UTC))


@shared_task(name="aggregator.poll", time_limit=150, soft_time_limit=120)
def poll() -> None:
    """Ask the vendors' own status pages that are due."""
    with left_to_the_next_tick():
        polling.poll_due(datetime.now(UTC))


@shared_task(name="aggregator.publish", time_limit=600, soft_time_limit=540)
def publish() -> None:
    """Make the daily files that are missing or no longer true, drop the oldest."""
    with left_to_the_next_tick():
        open_data.publish(datetime.now(UTC))


@shared_task(name="aggregator.replay_effects", time_limit=600, soft_time_limit=540)
def replay_effects() -> None:
    """Replay what another sensitivity would have done, where somebody asks."""
    with left_to_the_next_tick():
        effects.work(datetime.now(UTC))
