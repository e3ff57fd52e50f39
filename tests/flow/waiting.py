"""Waiting for what other processes do."""

import time
from collections.abc import Callable

PAUSE_SECONDS = 0.1


def wait_until(
    condition: Callable[[], bool], seconds: float = 30.0, explain: Callable[[], str] = str
) -> None:
    """Look again and again until something holds.

    Args:
        condition: what shall hold.
        seconds: after which the test fails.
        explain: what to show then.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it never held. {explain()}"
        time.sleep(PAUSE_SECONDS)
