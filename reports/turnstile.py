"""What one sender may do in a minute beside reporting: voting, flagging; all of it counts as one.

The limit is that of Reports, and what a sender reports counts against it too.
"""

from functools import cache
from threading import Lock

from django.conf import settings

from reports import metrics
from reports.throttles import Throttle, ThrottledError

_lock = Lock()


def pass_one(fingerprint: bytes) -> None:
    """Count one act of a sender. Lets everybody through while Redis is away.

    Raises:
        reports.throttles.ThrottledError: when they did too much in this minute.
    """
    with _lock:
        (wait,) = _throttle().waits([fingerprint])
    if wait:
        metrics.REPORTS_REFUSED.labels("throttled").inc()
        raise ThrottledError(wait)


@cache
def _throttle() -> Throttle:
    return Throttle(settings.ENV.redis_url, settings.ENV.reports_per_minute)
