"""Spans of time: whole buckets, none in the future, none too many."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.selectors.spans import LONGEST, WIDTH, BadSpanError, Step, floor, span

NOW = datetime(2026, 3, 18, 14, 7, 33, tzinfo=UTC)
instants = st.datetimes(
    min_value=datetime(2020, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(2026, 12, 1),  # noqa: DTZ001 - the strategy adds the zone
    timezones=st.just(UTC),
)


@pytest.mark.parametrize("step", list(Step))
def test_span_ends_with_the_bucket_that_holds_now(step: Step) -> None:
    found = span(step, NOW)
    assert found.end - WIDTH[step] <= NOW < found.end


@given(step=st.sampled_from(Step), start=instants, end=instants)
def test_span_is_whole_buckets_that_hold_what_was_asked(
    step: Step, start: datetime, end: datetime
) -> None:
    try:
        found = span(step, NOW, start=start, end=end)
    except BadSpanError:
        last = min(end, NOW)
        assert start >= last or last - start > LONGEST[step]
        return
    assert floor(found.start, step) == found.start
    assert found.start <= start
    assert found.end >= min(end, NOW)
    assert found.end - found.start <= LONGEST[step] + 2 * WIDTH[step]
    assert len(found.starts()) * WIDTH[step] == found.end - found.start


def test_span_that_ends_on_an_edge_holds_no_bucket_after_it() -> None:
    noon = datetime(2026, 3, 18, 12, tzinfo=UTC)
    found = span(Step.HOUR, NOW, start=noon - timedelta(hours=2), end=noon)
    assert [start.hour for start in found.starts()] == [10, 11]


def test_future_is_refused() -> None:
    with pytest.raises(BadSpanError):
        span(Step.HOUR, NOW, start=NOW + timedelta(hours=1))
