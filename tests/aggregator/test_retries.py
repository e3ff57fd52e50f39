"""The waits between tries."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from aggregator.retries import LONGEST_WAIT, TRIES, wait_after

spreads = st.floats(0, 1)


def test_ten_tries_span_a_day() -> None:
    waits = [wait_after(attempts, 0.0) for attempts in range(1, len(TRIES))]
    assert sum((wait for wait in waits if wait), timedelta()) == timedelta(days=1)
    assert wait_after(len(TRIES), 0.0) is None


@given(attempts=st.integers(1, len(TRIES) - 1), spread=spreads)
def test_jitter_lengthens_by_a_fifth_at_most(attempts: int, spread: float) -> None:
    plain, spread_out = wait_after(attempts, 0.0), wait_after(attempts, spread)
    assert plain is not None
    assert spread_out is not None
    assert plain <= spread_out <= plain * 1.2


@given(asked=st.timedeltas(min_value=timedelta()), spread=spreads)
def test_what_is_asked_for_is_granted_for_a_day_at_most(asked: timedelta, spread: float) -> None:
    wait = wait_after(1, spread, asked)
    assert wait is not None
    assert min(asked, LONGEST_WAIT) <= wait <= max(LONGEST_WAIT, timedelta(seconds=6))
