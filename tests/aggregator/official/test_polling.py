"""Polling a vendor's Statuspage: what is kept, when it is asked again, and by how many."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections

from aggregator.models import (
    OfficialComponentState,
    OfficialIncident,
    OfficialPage,
    OfficialUpdate,
)
from aggregator.official import polling
from aggregator.official.announced import is_acknowledged, is_maintained
from aggregator.official.fetch import Fetcher
from reports.models import Service
from tests.vendor import FEED, VendorPage

MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
pytestmark = pytest.mark.usefixtures("committed")


def poll(at: datetime) -> int:
    """Poll at an instant, whatever was planned."""
    OfficialPage.objects.update(due_at=at)
    return polling.poll_due(at, lambda: at)


def test_an_incident_is_kept_from_its_first_update_to_its_last(
    vendor: VendorPage, polled: Service
) -> None:
    poll(NOON)
    vendor.declare("inc00000001", NOON + 20 * MINUTE, started_at=NOON + 2 * MINUTE)
    vendor.components["API"] = "partial_outage"
    poll(NOON + 21 * MINUTE)
    vendor.update("inc00000001", "monitoring", NOON + 50 * MINUTE)
    poll(NOON + 51 * MINUTE)
    vendor.update("inc00000001", "resolved", NOON + 60 * MINUTE)
    vendor.components["API"] = "operational"
    poll(NOON + 61 * MINUTE)

    incident = OfficialIncident.objects.get()
    assert incident.declared_at == NOON + 20 * MINUTE
    assert incident.first_seen_at == NOON + 21 * MINUTE
    assert incident.not_before == NOON
    assert incident.resolved_at == NOON + 60 * MINUTE
    seen = OfficialUpdate.objects.order_by("posted_at").values_list("status", "first_seen_at")
    assert list(seen) == [
        ("investigating", NOON + 21 * MINUTE),
        ("monitoring", NOON + 51 * MINUTE),
        ("resolved", NOON + 61 * MINUTE),
    ]
    parts = OfficialComponentState.objects.order_by("first_seen_at")
    assert [(part.status, part.ended_at) for part in parts] == [
        ("operational", NOON + 21 * MINUTE),
        ("partial_outage", NOON + 61 * MINUTE),
        ("operational", None),
    ]
    page = OfficialPage.objects.get()
    assert (page.indicator, page.good_at) == ("none", NOON + 61 * MINUTE)


def test_an_incident_that_begins_and_ends_between_two_looks_is_kept(
    vendor: VendorPage, polled: Service
) -> None:
    poll(NOON)
    vendor.declare("inc00000002", NOON + 1 * MINUTE)
    vendor.update("inc00000002", "resolved", NOON + 3 * MINUTE)
    vendor.components["API"] = "degraded_performance"
    poll(NOON + 4 * MINUTE)
    assert OfficialIncident.objects.get().resolved_at == NOON + 3 * MINUTE


def test_an_incident_that_leaves_the_page_is_over_then(vendor: VendorPage, polled: Service) -> None:
    vendor.declare("inc00000003", NOON)
    poll(NOON + MINUTE)
    vendor.incidents.clear()
    poll(NOON + 2 * MINUTE)
    gone = OfficialIncident.objects.get()
    assert (gone.status, gone.resolved_at) == ("gone", NOON + 2 * MINUTE)


def test_what_did_not_change_is_asked_for_by_its_tag_and_not_read_again(
    vendor: VendorPage, polled: Service
) -> None:
    poll(NOON)
    poll(NOON + MINUTE)
    summary, history = "/api/v2/summary.json", "/api/v2/incidents.json"
    assert vendor.paths() == [summary, history, summary]
    assert vendor.asked[0][1].get("if-none-match") is None
    assert vendor.asked[2][1]["if-none-match"].startswith('W/"')
    assert OfficialPage.objects.get().good_at == NOON + MINUTE


def test_a_page_is_not_asked_before_it_is_due(vendor: VendorPage, polled: Service) -> None:
    assert polling.poll_due(NOON, lambda: NOON) == 1
    due = OfficialPage.objects.get().due_at
    assert NOON + 54 * MINUTE / 60 <= due <= NOON + 66 * MINUTE / 60
    assert polling.poll_due(due - timedelta(seconds=1)) == 0
    assert polling.poll_due(due) == 1


def test_a_page_that_fails_is_left_alone_longer_and_longer(
    vendor: VendorPage, polled: Service
) -> None:
    vendor.broken = (502, {})
    at, waits = NOON, []
    for _ in range(8):
        poll(at)
        waits.append((OfficialPage.objects.get().due_at - at) / MINUTE)
        at += MINUTE
    for found, planned in zip(waits, [2, 4, 8, 16, 32, 60, 60, 60], strict=True):
        assert 0.9 * planned <= found <= 1.1 * planned
    page = OfficialPage.objects.get()
    assert (page.failures, page.fault, page.failing_since) == (8, "HTTP 502", NOON)
    vendor.broken = None
    poll(at)
    page = OfficialPage.objects.get()
    assert (page.failures, page.fault, page.failing_since) == (0, "", None)


def test_a_page_that_asks_to_be_left_alone_is(vendor: VendorPage, polled: Service) -> None:
    vendor.broken = (429, {"retry-after": "7200"})
    poll(NOON)
    assert OfficialPage.objects.get().due_at == NOON + 120 * MINUTE


def test_a_malformed_answer_is_a_fault_and_changes_nothing(
    vendor: VendorPage, polled: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor.declare("inc00000004", NOON)
    poll(NOON)
    monkeypatch.setattr(VendorPage, "body", lambda *_: b'{"status": {"indicator": 7}}')
    poll(NOON + MINUTE)
    page = OfficialPage.objects.get()
    assert page.fault.startswith("not Statuspage v2: Expected `str`, got `int`")
    assert (page.indicator, page.good_at) == ("major", NOON)
    assert OfficialIncident.objects.get().resolved_at is None


def test_two_workers_never_ask_a_page_at_the_same_time(vendor: VendorPage, polled: Service) -> None:
    vendor.gate = threading.Event()
    asked: list[int] = []

    def work() -> None:
        asked.append(polling.poll_due(NOON, lambda: NOON))
        connections.close_all()

    first = threading.Thread(target=work)
    first.start()
    while not vendor.asked:
        threading.Event().wait(0.01)
    second = threading.Thread(target=work)
    second.start()
    second.join()
    assert asked == [0]
    vendor.gate.set()
    first.join()
    assert asked == [0, 1]
    assert vendor.paths().count("/api/v2/summary.json") == 1


def test_no_transaction_is_open_while_a_page_is_asked(vendor: VendorPage, polled: Service) -> None:
    vendor.gate = threading.Event()

    def work() -> None:
        polling.poll_due(NOON, lambda: NOON)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    while not vendor.asked:
        threading.Event().wait(0.01)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%%'"
        )
        assert cursor.fetchone() == (0,)
    vendor.gate.set()
    thread.join()


def test_who_comes_after_the_lease_ran_out_writes_nothing(
    vendor: VendorPage, polled: Service
) -> None:
    poll(NOON)
    vendor.declare("inc00000005", NOON + MINUTE)
    OfficialPage.objects.update(due_at=NOON)
    (late,) = polling._lease(NOON + MINUTE)
    look = polling.ask(late, Fetcher(allow_private=True), lambda: NOON + MINUTE)
    poll(NOON + 5 * MINUTE)
    polling._mark(late, look, NOON + MINUTE)
    assert OfficialIncident.objects.get().first_seen_at == NOON + 5 * MINUTE
    assert OfficialPage.objects.get().good_at == NOON + 5 * MINUTE


def test_who_dies_while_asking_leaves_a_lease_that_runs_out(
    vendor: VendorPage, polled: Service
) -> None:
    polling._enrol(NOON)
    assert len(polling._lease(NOON)) == 1
    assert polling.poll_due(NOON + MINUTE) == 0
    assert polling.poll_due(NOON + 2 * MINUTE, lambda: NOON + 2 * MINUTE) == 1


def test_the_catalogue_decides_who_is_asked(vendor: VendorPage, polled: Service) -> None:
    poll(NOON)
    polled.official_url = vendor.url + FEED
    polled.official_kind = "atom"
    polled.save()
    polling.poll_due(NOON + MINUTE, lambda: NOON + MINUTE)
    page = OfficialPage.objects.get()
    assert (page.kind, page.watched_since, page.fault) == ("atom", None, "HTTP 404")
    polled.official_kind = ""
    polled.save()
    assert polling.poll_due(NOON + 9 * MINUTE) == 0
    assert not OfficialPage.objects.exists()


def test_announced_maintenance_is_known_ahead_and_an_excuse_is_none(
    vendor: VendorPage, polled: Service
) -> None:
    vendor.announce("mai00000001", NOON - timedelta(days=1), begins=NOON + 10 * MINUTE)
    vendor.announce("mai00000002", NOON + 200 * MINUTE, begins=NOON + 190 * MINUTE)
    poll(NOON)
    assert not is_maintained(polled.pk, NOON, NOON + MINUTE)
    assert is_maintained(polled.pk, NOON + 10 * MINUTE, NOON + 11 * MINUTE)
    assert not is_maintained(polled.pk, NOON + 70 * MINUTE, NOON + 71 * MINUTE)
    assert not is_maintained(polled.pk, NOON + 201 * MINUTE, NOON + 202 * MINUTE)
    assert not is_acknowledged(polled.pk, NOON + 10 * MINUTE, NOON + 11 * MINUTE)


def test_a_probed_site_is_down_after_two_tries(vendor: VendorPage, polled: Service) -> None:
    polled.official_url = vendor.url + "/api/v2/summary.json"
    polled.official_kind = "probe"
    polled.save()
    polling.poll_due(NOON, lambda: NOON)
    assert OfficialPage.objects.get().indicator == "none"
    vendor.broken = (503, {})
    poll(NOON + MINUTE)
    assert OfficialPage.objects.get().indicator == "none"
    poll(NOON + 2 * MINUTE)
    assert OfficialPage.objects.get().indicator == "critical"
    vendor.broken = (403, {})
    poll(NOON + 3 * MINUTE)
    assert OfficialPage.objects.get().indicator == "none"


def test_polling_that_is_turned_off_asks_nobody(vendor: VendorPage) -> None:
    Service.objects.filter(slug="claude").update(
        official_url=vendor.url, official_kind="statuspage"
    )
    assert polling.poll_due(NOON) == 0
    assert vendor.asked == []
    Service.objects.filter(slug="claude").update(official_url="", official_kind="")
