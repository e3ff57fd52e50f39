"""The task queue's settings and its clock: which task is due how often.

A tick says only "there may be work". It expires before the next one is due, so that a stall leaves
no pile of stale ticks, and any number of clocks may run: every task is safe to run twice at once.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.env import Env

HARD_LIMIT_SECONDS = 600
SOFT_LIMIT_SECONDS = 540
VISIBILITY_SECONDS = 900


def broker_url(redis_url: str) -> str:
    """The broker's address in Celery's words; it spells Unix sockets differently.

    >>> broker_url("unix:///run/redis.sock")
    'redis+socket:///run/redis.sock'
    >>> broker_url("redis://redis:6379/0")
    'redis://redis:6379/0'
    """
    return redis_url.replace("unix://", "redis+socket://", 1)


def _tick(task: str, every: timedelta, queue: str) -> dict[str, object]:
    expires = every.total_seconds() * 0.9
    return {"task": task, "schedule": every, "options": {"expires": expires, "queue": queue}}


def celery_settings(env: "Env") -> dict[str, object]:
    """Celery's configuration: no results, JSON only, late acknowledgement, the schedule."""
    counting = timedelta(seconds=env.counting_interval_seconds)
    return {
        "broker_url": broker_url(env.redis_url),
        "broker_connection_retry_on_startup": True,
        "broker_connection_max_retries": None,
        "broker_transport_options": {"visibility_timeout": VISIBILITY_SECONDS},
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_acks_late": True,
        "task_reject_on_worker_lost": False,
        "task_time_limit": HARD_LIMIT_SECONDS,
        "task_soft_time_limit": SOFT_LIMIT_SECONDS,
        "task_create_missing_queues": True,
        "task_default_queue": "upkeep",
        "worker_prefetch_multiplier": 1,
        "worker_hijack_root_logger": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
        "enable_utc": True,
        "timezone": "UTC",
        "beat_schedule": {
            "count": _tick("aggregator.count", counting, "counting"),
            "deliver": _tick("aggregator.deliver", timedelta(seconds=2), "alerting"),
            "partition": _tick("aggregator.partition", timedelta(hours=1), "upkeep"),
            "forget": _tick("aggregator.forget", timedelta(hours=1), "upkeep"),
            "trace": _tick("aggregator.trace", timedelta(minutes=1), "upkeep"),
            "poll": _tick("aggregator.poll", timedelta(seconds=5), "upkeep"),
            "replay_effects": _tick("aggregator.replay_effects", timedelta(seconds=2), "upkeep"),
            "publish": _tick("aggregator.publish", timedelta(minutes=10), "upkeep"),
            "moderate": _tick("reports.moderate", timedelta(seconds=2), "upkeep"),
            "find_bursts": _tick("reports.find_bursts", timedelta(seconds=20), "upkeep"),
            "note": _tick("config.note", timedelta(minutes=1), "upkeep"),
            "retire": _tick("reports.retire", timedelta(hours=1), "upkeep"),
        },
    }
