"""The vendor's word over the API, and the lead of a whole incident played by a real page."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.test.utils import override_settings

from aggregator.models import OfficialPage, Outage
from aggregator.models.outage import State
from aggregator.models.picture import Verdict
from aggregator.official import polling
from reports.models import Service
from tests.readable import make_outage, make_status
from tests.vendor import VendorPage, vendor_page

MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def vendor() -> Iterator[VendorPage]:
    """The page of Claude's vendor, polled every minute."""
    with (
        vendor_page() as page,
        override_settings(ENV=replace(settings.ENV, official_interval_seconds=60)),
    ):
        claude = Service.objects.filter(slug="claude")
        claude.update(official_url=page.url, official_kind="statuspage")
        yield page
        claude.update(official_url="", official_kind="")


def poll(at: datetime) -> None:
    OfficialPage.objects.update(due_at=at)
    polling.poll_due(at, lambda: at)


def test_a_whole_incident_gives_the_right_lead(client: Client, vendor: VendorPage) -> None:
    noon = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=6)
    poll(noon - 30 * MINUTE)
    outage = make_outage("claude", noon, state=State.OVER, minutes=90)
    assert outage.confirmed_at == noon + 9 * MINUTE
    vendor.declare("inc00000001", noon + 31 * MINUTE, started_at=noon - 2 * MINUTE)
    poll(noon + 32 * MINUTE)
    vendor.update("inc00000001", "monitoring", noon + 70 * MINUTE)
    poll(noon + 71 * MINUTE)
    vendor.update("inc00000001", "resolved", noon + 95 * MINUTE)
    poll(noon + 96 * MINUTE)

    told = client.get(f"/api/v1/outages/{outage.pk}").json()["official"]
    assert told["lead_minutes"] == 22.0
    assert told["name"] == "Elevated errors (inc00000001)"
    assert told["declared_at"] == f"{noon + 31 * MINUTE:%Y-%m-%dT%H:%M:%SZ}"
    assert told["first_seen_at"] == f"{noon + 32 * MINUTE:%Y-%m-%dT%H:%M:%SZ}"
    found = client.get("/api/v1/services/claude/official").json()
    assert (found["face"], found["indicator"]) == ("telling", "none")
    assert found["incidents"][0]["resolved_at"] == f"{noon + 95 * MINUTE:%Y-%m-%dT%H:%M:%SZ}"
    record = found["record"]
    assert (record["n"], record["crowd_first"], record["median"]) == (1, 1, 22.0)
    assert client.get("/api/v1/official").json()["results"] == [record]


def test_a_crowd_that_was_late_says_so(client: Client, vendor: VendorPage) -> None:
    noon = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=6)
    poll(noon - 30 * MINUTE)
    vendor.declare("inc00000001", noon - 1 * MINUTE)
    poll(noon)
    outage = make_outage("claude", noon, state=State.OVER)
    told = client.get(f"/api/v1/outages/{outage.pk}").json()["official"]
    assert told["lead_minutes"] == -10.0
    record = client.get("/api/v1/services/claude/official").json()["record"]
    assert (record["vendor_first"], record["largest"], record["smallest"]) == (1, -10.0, -10.0)


def test_a_page_that_knows_of_nothing_is_silent(client: Client, vendor: VendorPage) -> None:
    now = datetime.now(UTC)
    poll(now)
    outage = make_outage("claude", now - 45 * MINUTE)
    make_status("claude", Verdict.MAJOR, outage=outage)
    assert client.get("/api/v1/services/claude/official").json()["face"] == "silent"
    Outage.objects.update(confirmed_at=now - 20 * MINUTE)
    assert client.get("/api/v1/services/claude/official").json()["face"] == "telling"


def test_a_page_that_gives_no_good_answer_is_dead(client: Client, vendor: VendorPage) -> None:
    now = datetime.now(UTC)
    vendor.broken = (500, {})
    poll(now - 70 * MINUTE)
    assert client.get("/api/v1/services/claude/official").json()["face"] == "unread"
    vendor.broken = None
    poll(now - 65 * MINUTE)
    vendor.broken = (500, {})
    poll(now - 64 * MINUTE)
    poll(now)
    found = client.get("/api/v1/services/claude/official").json()
    assert (found["face"], found["fault"]) == ("dead", "HTTP 500")


def test_a_service_whose_vendor_is_not_read_has_none(client: Client) -> None:
    assert client.get("/api/v1/services/github/official").status_code == 404
    assert client.get("/api/v1/official").json()["results"] == []
