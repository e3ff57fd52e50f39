"""What fails together, measured: often enough, and not by chance."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from aggregator.models.outage import State
from aggregator.selectors.kin import kin
from tests.factories import make_outage, service

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC).replace(microsecond=0)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def fail(slug: str, days: int, minutes: int = 0, *, state: State = State.OVER) -> None:
    """An Outage so many days ago, so many minutes past the hour."""
    make_outage(slug, state=state, started_at=NOW - days * DAY + minutes * MINUTE)


@pytest.fixture
def history() -> None:
    """AWS takes Claude down three times of four; GitHub fails near Claude twice."""
    for days, lag in ((10, -3), (40, -5), (90, 4)):
        fail("claude", days)
        fail("aws", days, lag)
    fail("claude", 120)
    fail("aws", 200)
    fail("github", 10, 2)
    fail("github", 40, 29)


@pytest.mark.usefixtures("history")
def test_services_that_fail_together_are_named_with_times_and_lag() -> None:
    [found] = kin(service("claude").pk, NOW)
    assert (found.service, found.outages, found.together, found.lag_minutes) == ("aws", 4, 3, -3.0)
    assert found.by_chance < 0.01
    [back] = kin(service("aws").pk, NOW)
    assert (back.service, back.outages, back.together, back.lag_minutes) == ("claude", 4, 3, 3.0)


@pytest.mark.usefixtures("history")
def test_retracted_and_old_outages_count_nowhere() -> None:
    fail("github", 90, -2, state=State.RETRACTED)
    fail("claude", 400)
    fail("github", 400)
    assert [one.service for one in kin(service("claude").pk, NOW)] == ["aws"]


def test_a_service_that_fails_all_the_time_is_kin_of_nobody() -> None:
    for days in range(1, 9):
        fail("claude", days)
    for hours in range(1, 200):
        make_outage("noise", state=State.OVER, started_at=NOW - hours * timedelta(hours=1))
    assert kin(service("claude").pk, NOW) == []


@pytest.mark.usefixtures("history")
def test_page_and_api_tell_it(client: Client) -> None:
    told = client.get("/api/v1/services/claude/together").json()
    assert [(one["service"], one["together"]) for one in told["results"]] == [("aws", 3)]
    page = client.get("/services/claude/").content.decode()
    assert "Often fails together with" in page
    assert "3 of 4 outages, about 3 minutes earlier" in page
    assert "Often fails together" not in client.get("/services/github/").content.decode()
