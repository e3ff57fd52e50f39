"""How many Reports one sender may send in a minute; kept in Redis, which may be gone.

The key is the sender's fingerprint (a daily hash of the IPv4 /32 or IPv6 /64), never an address.
The window is fixed: it starts with a sender's first Report and lasts a minute. Without Redis
every Report is let through: losing one costs more than counting a flood that deduplication makes
harmless anyway.
"""

from collections.abc import Sequence
from time import monotonic

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from reports import metrics

WINDOW_SECONDS = 60
ANSWER_SECONDS = 0.1
# After a failure Redis is left alone this long, so that a hanging one costs senders little.
PAUSE_SECONDS = 5.0

# One command for all senders that wait, so that no counter is ever left without its end.
COUNT = """
local waits = {}
for index, key in ipairs(KEYS) do
    local count = redis.call('INCR', key)
    if count == 1 then redis.call('EXPIRE', key, ARGV[1]) end
    waits[index] = count > tonumber(ARGV[2]) and math.max(1, redis.call('TTL', key)) or 0
end
return waits
"""

log = structlog.get_logger(__name__)


class ThrottledError(Exception):
    """A sender sent too many."""

    def __init__(self, wait: int) -> None:
        """Keep how long to wait, in seconds."""
        super().__init__(wait)
        self.wait = wait


class Throttle:
    """Counts what senders send. For one thread."""

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
            # A restarted Redis leaves a dead connection behind; a hanging one is not asked twice.
            retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
        )
        self._count = self._redis.register_script(COUNT)
        self._paused_until = 0.0

    def waits(self, fingerprints: Sequence[bytes], limit: int | None = None) -> Sequence[int]:
        """Count one Report of each sender, in one round trip.

        Args:
            fingerprints: what the senders are known by.
            limit: how many each may send in a minute, where it is not the throttle's own.

        Returns:
            For each, in their order, how long to wait in seconds; 0 when it may be taken.
        """
        free = [0] * len(fingerprints)
        if not fingerprints:
            return free
        if monotonic() < self._paused_until:
            metrics.THROTTLE_FAILURES.inc(len(fingerprints))
            return free
        keys = [b"throttle:" + fingerprint for fingerprint in fingerprints]
        try:
            waits: list[int] = self._count(keys=keys, args=[WINDOW_SECONDS, limit or self._limit])
        except redis.RedisError as error:
            metrics.THROTTLE_FAILURES.inc(len(fingerprints))
            self._paused_until = monotonic() + PAUSE_SECONDS
            log.warning("throttle.failed_open", error=type(error).__name__)
            return free
        return waits

    def close(self) -> None:
        """Give up the connection."""
        self._redis.close()
