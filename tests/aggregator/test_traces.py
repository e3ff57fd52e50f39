"""The last day of every Service by the hour, as lists draw it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from aggregator import traces
from aggregator.models import DayTrace
from aggregator.models.picture import Verdict
from aggregator.selectors.board import board
from aggregator.selectors.spans import Step, floor
from tests.readable import make_count, make_outage, make_status

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
# Twenty past; the tables have partitions around today only.
NOW = floor(datetime.now(UTC), Step.HOUR) + HOUR / 3


def test_trace_adds_up_places_and_problems_of_each_hour() -> None:
    make_count("claude", NOW, 3, region="US-CA", problem_type="api")
    make_count("claude", NOW, 4, region="DE")
    make_count("claude", NOW - 23 * HOUR, 5)
    make_count("claude", NOW - 24 * HOUR, 99)
    assert traces.trace(NOW) == 1
    row = DayTrace.objects.get()
    assert row.until == floor(NOW, Step.HOUR) + HOUR
    assert row.counts == [5, *[0] * 22, 7]


def test_trace_twice_and_late_leaves_the_newest() -> None:
    make_count("claude", NOW, 3)
    traces.trace(NOW)
    make_count("claude", NOW, 1)
    traces.trace(NOW)
    # A tick that was held up must not bring the past back.
    assert traces.trace(NOW - HOUR) == 0
    assert DayTrace.objects.get().counts[-1] == 4


def test_board_moves_an_old_trace_to_where_it_belongs() -> None:
    make_count("claude", NOW, 7)
    traces.trace(NOW)
    make_status("claude", observed=2, at=NOW + 3 * HOUR)
    tile = next(one for one in board() if one.slug == "claude")
    hours = tile.hours(NOW + 3 * HOUR)
    # The last one is the hour before now, as the status has it.
    assert hours == [*[0] * 20, 7, 0, 0, 6]
    assert tile.hours(NOW + 99 * HOUR) == [*[0] * 23, 6]


def test_board_knows_a_service_of_which_nothing_is_known() -> None:
    tile = next(one for one in board() if one.slug == "noise")
    assert (tile.verdict, tile.observed) == (Verdict.UNKNOWN, None)
    assert tile.hours(NOW) == [0] * 24


def test_board_is_one_query_and_puts_the_worst_first(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    outage = make_outage("aws", timezone.now() - HOUR)
    make_status("claude", observed=8)
    make_status("aws", Verdict.MAJOR, observed=2, outage=outage)
    make_status("github", observed=30)
    with django_assert_num_queries(1):
        tiles = board()
    worst = sorted(tiles, key=lambda one: one.badness)
    assert [one.slug for one in worst] == ["aws", "github", "claude", "noise"]
    assert [one.slug for one in board(slugs=["aws"])] == ["aws"]
    assert board(category="nothing") == []
