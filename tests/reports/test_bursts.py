"""Bursts: flagged from few networks or like words, never from an honest crowd."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from reports import bursts, moderation_jobs, report_id, tasks, undoing
from reports.models import Burst, Comment, ModerationEntry, Report, Service
from reports.models.moderation import BurstKind
from reports.trail import Doing
from tests.factories import digest, service

pytestmark = pytest.mark.usefixtures("committed")
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    """The clock begins at `NOW` in each test, however long ago the file was read."""
    with time_machine.travel(NOW, tick=True):
        yield


def crowd(reports: int, networks: int, slug: str = "claude", *, at: datetime = NOW) -> None:
    """So many Reports of one Service from so many networks, seconds before an instant."""
    Report.objects.bulk_create(
        Report(
            id=report_id.new(at),
            received_at=at - timedelta(seconds=1 + number % 50),
            service=service(slug),
            region_id="",
            region_source="none",
            channel="api",
            fingerprint=digest(f"{at} {networks} {number}"),
            network=digest(f"{slug} {number % networks}"),
        )
        for number in range(reports)
    )


def say(text: str, number: int, claude: Service) -> None:
    """A Report with a comment, straight into the tables."""
    crowd(1, 1, at=NOW - timedelta(seconds=number))
    report = Report.objects.get(received_at=NOW - timedelta(seconds=number + 1))
    Comment.objects.create(
        id=report.id,
        received_at=report.received_at,
        service=claude,
        region_id="",
        text=text,
        state="shown",
    )


def doing() -> Doing:
    """Somebody's act."""
    alice, _ = User.objects.get_or_create(username="alice")
    return Doing(alice, "a campaign", datetime.now(UTC))


def test_flood_out_of_three_networks_is_flagged(claude: Service) -> None:
    crowd(500, 3)
    crowd(40, 40, "aws")
    tasks.find_bursts()
    burst = Burst.objects.get()
    assert (burst.service, burst.kind, burst.reports) == (claude, "networks", 500)
    assert len(burst.networks) == 3
    assert burst.since <= NOW - timedelta(seconds=50) < NOW - timedelta(seconds=1) < burst.until
    assert burst.peak <= 500
    assert Report.objects.filter(rejected_at=None).count() == 540


def test_crowd_of_many_networks_is_no_burst() -> None:
    crowd(500, 250)
    assert bursts.find(NOW) == 0
    assert not Burst.objects.exists()


def test_burst_grows_and_stays_one() -> None:
    crowd(200, 3, at=NOW - timedelta(minutes=8))
    bursts.find(NOW - timedelta(minutes=7))
    crowd(300, 3)
    assert bursts.find(NOW) == 1
    assert bursts.find(NOW) == 1
    assert Burst.objects.get().reports == 500


def test_rejected_burst_takes_its_reports_and_its_undo_brings_it_back(claude: Service) -> None:
    crowd(200, 3)
    crowd(20, 20)
    bursts.find(NOW)
    burst = Burst.objects.get()
    moderation_jobs.start(bursts.selection_of(burst), doing(), burst=burst)
    moderation_jobs.work(NOW)
    burst.refresh_from_db()
    # Three of the twenty others share a network with the flood.
    assert burst.state == "rejected"
    assert Report.objects.filter(rejected_at=None).count() == 17
    assert bursts.find(NOW) == 0
    undoing.undo(ModerationEntry.objects.get(), doing())
    moderation_jobs.work(NOW)
    burst.refresh_from_db()
    assert (burst.state, Report.objects.filter(rejected_at=None).count()) == ("open", 220)


def test_flood_that_goes_on_after_its_rejection_is_flagged_anew() -> None:
    crowd(200, 3, at=NOW - timedelta(minutes=3))
    bursts.find(NOW - timedelta(minutes=2))
    burst = Burst.objects.get()
    moderation_jobs.start(bursts.selection_of(burst), doing(), burst=burst)
    moderation_jobs.work(NOW)
    crowd(150, 3)
    assert bursts.find(NOW) == 1
    assert Burst.objects.get(state="open").reports == 150


def test_dismissed_networks_are_left_alone_until_it_is_undone() -> None:
    crowd(200, 3)
    bursts.find(NOW)
    entry = bursts.dismiss(Burst.objects.get().pk, doing())
    crowd(200, 3, at=NOW - timedelta(minutes=1))
    assert bursts.find(NOW) == 0
    undoing.undo(entry, doing())
    assert Burst.objects.get().state == "open"
    assert ModerationEntry.objects.get(act="undo").undoes == entry


def test_alike_comments_are_flagged(claude: Service) -> None:
    for number in range(12):
        say(f"Switch to OtherBank, it never fails! {number}", number, claude)
    for number, text in enumerate(["I cannot log in at all", "payments hang for minutes"], 20):
        say(text, number, claude)
    bursts.find(NOW)
    burst = Burst.objects.get(kind=BurstKind.COMMENTS)
    assert len(burst.ids) == 12
    assert "OtherBank" in burst.example


def test_quiet_site_costs_few_queries() -> None:
    crowd(50, 50)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        bursts.find(NOW)
    assert len([one for one in asked if "SELECT" in one["sql"]]) == 3
