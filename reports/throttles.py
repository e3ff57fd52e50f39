"""How many Reports one sender may send in a minute; kept in Redis, which may be gone.

The key is the sender's fingerprint (a daily hash of the IPv4 /32 or IPv6 /64), never an address.
The window is fixed: it starts with a sender's first Report and lasts a minute. Without Redis
every Report is let through, since losing one costs more than counting a flood that
deduplication makes harmless anyway.
"""

from dataclasses import dataclass
from threading import Lock
from time import monotonic

import redis
import structlog
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from reports import metrics

WINDOW_SECONDS = 60
ANSWER_SECONDS = 0.1
# After a failure Redis is left alone this long, so that a hanging one stalls few senders.
PAUSE_SECONDS = 5.0

# One command, so that no counter is ever left without its end.
COUNT = """
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {count, redis.call('TTL', KEYS[1])}
"""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class ThrottledError(Exception):
    """A sender sent too many; `wait` is in seconds."""

    wait: int


class Throttle:
    """Counts what senders send. For all threads of a process."""

    def __init__(self, url: str, limit: int) -> None:
        """Connect at the first count only.

        Args:
            url: where Redis is.
            limit: Reports a minute.
        """
        self._limit = limit
        self._redis = redis.Redis.from_url(
            url,
            socket_timeout=ANSWER_SECONDS,
            socket_connect_timeout=ANSWER_SECONDS,
            # A restarted Redis leaves dead connections behind; a hanging one is not asked twice.
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        )
        self._count = self._redis.register_script(COUNT)
        self._paused_until = 0.0
        self._lock = Lock()

    def check(self, fingerprint: bytes) -> None:
        """Count one Report of a sender.

        Raises:
            ThrottledError: when it is one too many.
        """
        if monotonic() < self._paused_until:
            metrics.THROTTLE_FAILURES.inc()
            return
        try:
            count, seconds = self._count(keys=[b"throttle:" + fingerprint], args=[WINDOW_SECONDS])
        except redis.RedisError as error:
            self._pause(error)
            return
        if count > self._limit:
            metrics.REPORTS_REFUSED.labels("throttled").inc()
            raise ThrottledError(max(1, seconds))

    def _pause(self, error: Exception) -> None:
        """Leave Redis alone for a while; of many threads that meet it down, one says so."""
        metrics.THROTTLE_FAILURES.inc()
        with self._lock:
            if monotonic() < self._paused_until:
                return
            self._paused_until = monotonic() + PAUSE_SECONDS
        log.warning("throttle.failed_open", error=type(error).__name__)


throttle = Throttle(settings.ENV.redis_url, settings.ENV.reports_per_minute)
