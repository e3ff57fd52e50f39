"""When a failed try is made again. Pure."""

from datetime import timedelta
from itertools import pairwise

# Seconds after the first try, the example schedule of Standard Webhooks: ten tries in a day.
TRIES = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
JITTER = 0.2
LONGEST_WAIT = timedelta(days=1)

_WAITS = tuple(timedelta(seconds=later - earlier) for earlier, later in pairwise(TRIES))


def wait_after(attempts: int, spread: float, asked: timedelta | None = None) -> timedelta | None:
    """How long to wait after so many failed tries; None when the last one was made.

    Args:
        attempts: tries made, at least 1.
        spread: from 0 to 1, drawn anew each time, so that targets that failed together do not
            come back together; lengthens the wait by up to a fifth.
        asked: what the target itself asks for; a day at most is granted.

    >>> wait_after(1, 0.0), wait_after(2, 1.0)
    (datetime.timedelta(seconds=5), datetime.timedelta(seconds=354))
    >>> wait_after(1, 0.0, timedelta(minutes=2))
    datetime.timedelta(seconds=120)
    >>> wait_after(10, 0.0) is None
    True
    """
    if attempts > len(_WAITS):
        return None
    planned = _WAITS[attempts - 1] * (1 + JITTER * spread)
    return max(planned, min(asked or timedelta(), LONGEST_WAIT))
