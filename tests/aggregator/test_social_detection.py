"""Public posts on the live path: counted, evaluated, and never enough."""

from datetime import UTC, datetime

import pytest

from aggregator import counting, evaluation
from aggregator.clock import minute_of, start_of
from aggregator.models import Outage, OutageEvent, SocialCount
from reports import partitions
from tests import factories
from tests.aggregator.crowds import burst, counted_until, quiet_day, told
from tests.aggregator.test_evaluation import NOW, T

pytestmark = pytest.mark.usefixtures("fresh_process")

MINUTES = 10


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reports", "posts", "states"), [(0, 50, []), (20, 10, ["confirmed"]), (20, 0, ["confirmed"])]
)
def test_five_hundred_posts_raise_nothing_and_reports_do(
    committed: None, reports: int, posts: int, states: list[str]
) -> None:
    counting.count(datetime.now(UTC))
    start = minute_of(datetime.now(UTC)) - 30
    partitions.ensure("reports_report", start_of(start).date(), datetime.now(UTC).date())
    quiet_day("claude", start)
    for minute in range(start, start + MINUTES):
        for _ in range(posts):
            factories.make_post(at=start_of(minute))
        for _ in range(reports):
            factories.make_report(at=start_of(minute), region="US-CA")
    counting.catch_up(datetime.now(UTC))
    evaluation.evaluate(datetime.now(UTC))
    counted = sum(SocialCount.objects.values_list("count", flat=True))
    assert counted == posts * MINUTES
    story = OutageEvent.objects.order_by("at").values_list("to_state", flat=True)
    assert [state for state in story if state == "confirmed"] == states
    assert Outage.objects.exists() is bool(states)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("posts", "usual", "opened"),
    [(0, 0, False), (9, 0, False), (10, 0, True), (10, 2000, False), (500, 0, True)],
)
def test_a_crowd_of_posts_lets_a_smaller_crowd_of_reports_open(
    posts: int,
    usual: int,
    opened: bool,  # noqa: FBT001 - a parameter
) -> None:
    quiet_day("claude", T)
    burst("claude", T, minutes=6, reports=2)
    told("claude", T + 5, posts)
    told("claude", T - 1000, usual)
    counted_until(T + 8)
    evaluation.evaluate(NOW)
    assert Outage.objects.filter(state="possible").exists() is opened
    assert not Outage.objects.filter(confirmed_at__isnull=False).exists()
