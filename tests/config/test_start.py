"""The start page: what needs a person, for each what they may see."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from aggregator.models import Alert
from aggregator.models.outage import State
from config import roles, site_minutes, start, tasks
from config.models import SiteMinute
from reports.models import ServiceSuggestion
from tests.factories import make_event, make_outage, make_subscription
from tests.readable import make_count, make_mark
from tests.reports.desk.people import flood, hold, staff

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def busy() -> None:
    """Something of everything."""
    now = datetime.now(UTC)
    flood()
    hold()
    ServiceSuggestion.objects.create(key="x", name="Bank of Otter", first_at=now, last_at=now)
    make_outage("claude", state=State.CONFIRMED)
    make_outage("aws")
    event = make_event(make_outage("github", state=State.CONFIRMED))
    Alert.objects.create(
        id=uuid4(),
        event=event,
        subscription=make_subscription(),
        state="failed",
        created_at=now,
        due_at=now,
        last_error="410 Gone",
    )


def read(client: Client) -> dict[str, start.Need]:
    """The needs on somebody's page, by title."""
    return {need.title: need for need in client.get("/admin/").context["needs"]}


def test_everything_that_waits_is_told(
    busy: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    desk = Client()
    desk.force_login(User.objects.create_superuser("maria"))
    with django_assert_max_num_queries(30):
        needs = read(desk)
    numbers = {title: need.number for title, need in needs.items() if title != "Unhealthy parts"}
    assert numbers == {
        "Outages": 3,
        "Bursts": 1,
        "Held comments": 1,
        "Suggested services": 1,
        "Failed alerts": 1,
    }
    # Tests have no worker.
    assert ("worker", "none answers") in [
        (line.text, line.more) for line in needs["Unhealthy parts"].lines
    ]
    outages = needs["Outages"].lines
    assert {line.text for line in outages if line.is_doubtful} == {"Aws", "Claude"}
    assert "a burst is flagged" in {line.text: line.more for line in outages}["Claude"]
    assert outages[-1].text == "Github"
    page = desk.get("/admin/").content.decode()
    assert "410 Gone" in page
    assert page.count("<svg") >= 3


def test_each_sees_what_they_may(busy: None) -> None:
    roles.give()
    moderator = User.objects.create_user("vera", is_staff=True)
    moderator.groups.add(Group.objects.get(name=roles.MODERATOR))
    client = Client()
    client.force_login(moderator)
    assert len(read(client)) == 6
    assert "You have no role yet" in staff().get("/admin/").content.decode()
    User.objects.get(username="staff with ()").user_permissions.add(
        Permission.objects.get(codename="view_outage")
    )
    client.force_login(User.objects.get(username="staff with ()"))
    assert set(read(client)) == {"Outages"}
    assert "<svg" not in client.get("/admin/").content.decode().partition('id="start"')[2]


def test_reports_are_drawn_by_minute() -> None:
    now = datetime.now(UTC)
    make_count("claude", now - 2 * MINUTE, 40)
    make_count("aws", now - 2 * MINUTE, 2)
    reports, backlog, lag = start.drawings(now)
    assert (reports.now, reports.top) == ("0 a minute", "42 a minute")
    assert "120 of these minutes" in backlog.note
    assert lag.now == "0 s"


def test_how_the_site_does_is_noted_once_a_minute_and_forgotten() -> None:
    now = datetime.now(UTC).replace(second=30)
    make_mark()
    SiteMinute.objects.create(minute=now - timedelta(days=3), uncounted=1, alerts_pending=0)
    site_minutes.note(now - MINUTE)
    site_minutes.note(now - MINUTE)
    assert SiteMinute.objects.count() == 1
    tasks.note()
    *before, last = site_minutes.recent(now, 5 * MINUTE)
    assert before == [None] * 4
    assert last is not None
    assert (last.minute, last.uncounted) == (now.replace(second=0, microsecond=0) - MINUTE, 0)
    assert last.counting_lag is None
    assert last.evaluation_lag is not None
