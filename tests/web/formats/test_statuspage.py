"""The Statuspage v2 face: its shapes, its agreement with itself, hosts and caches."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connections, transaction
from django.test import Client
from django.test.utils import override_settings

from aggregator.models import OfficialIncident, Outage, OutageEvent
from aggregator.models.outage import State
from aggregator.statuspage_ids import Kind, id_of, key_of
from tests.factories import service
from tests.readable import make_outage
from web.faces import DOCUMENTS

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
Document = dict[str, Any]
COMPONENT = """id name status created_at updated_at position description showcase start_date
group_id page_id group only_show_if_degraded"""
INCIDENT = """id name status created_at updated_at monitoring_at resolved_at impact shortlink
started_at page_id incident_updates components reminder_intervals"""
UPDATE = """id status body incident_id created_at updated_at display_at affected_components
deliver_notifications custom_tweet tweet_id"""


def read(client: Client, name: str, *, root: str = "", host: str = "testserver") -> Document:
    response = client.get(f"{root}/api/v2/{name}.json", headers={"host": host})
    assert response.status_code == 200, response.content
    found: Document = response.json()
    return found


@pytest.mark.django_db
def test_the_documents_have_statuspages_shapes(client: Client) -> None:
    outage = make_outage("claude", NOW - HOUR)
    make_outage("aws", NOW - 5 * HOUR, regions=["US"], state=State.OVER)
    found = read(client, "summary")
    assert list(found) == ["page", "components", "incidents", "scheduled_maintenances", "status"]
    assert list(found["page"]) == ["id", "name", "url", "time_zone", "updated_at"]
    assert found["status"] == {"indicator": "major", "description": "Partial System Outage"}
    (incident,) = found["incidents"]
    assert list(incident) == INCIDENT.split()
    assert incident["name"] == "Claude: outage"
    assert (incident["status"], incident["impact"]) == ("identified", "critical")
    assert incident["started_at"] == f"{NOW - HOUR:%Y-%m-%dT%H:%M:%S}.000Z"
    assert incident["shortlink"] == f"{settings.ENV.site_url}/outages/{outage.pk}/"
    newest, oldest = incident["incident_updates"]
    assert list(newest) == UPDATE.split()
    assert (newest["status"], oldest["status"]) == ("identified", "investigating")
    assert newest["body"].startswith("Confirmed by what people report. 60 reports in 15 min")
    group = next(part for part in found["components"] if part["group"])
    assert list(group) == [*COMPONENT.split(), "components"]
    claude = next(part for part in found["components"] if part["name"] == "Claude")
    assert list(claude) == COMPONENT.split()
    assert (claude["status"], claude["group_id"]) == ("major_outage", group["id"])
    assert claude["id"] in group["components"]
    assert incident["components"] == [claude]
    both = read(client, "incidents")["incidents"]
    assert [one["status"] for one in both] == ["identified", "resolved"]
    assert both[1]["name"] == "Aws: outage in US"
    assert read(client, f"incidents/{incident['id']}")["incident"] == incident


@pytest.mark.django_db
def test_a_services_page_has_the_countries_for_components(client: Client) -> None:
    make_outage("aws", NOW - HOUR, regions=["US-CA"])
    found = read(client, "summary", root="/services/aws")
    states = {part["name"]: part["status"] for part in found["components"]}
    assert states == {
        "US": "partial_outage",
        "AT": "operational",
        "BR": "operational",
        "DE": "operational",
    }
    assert found["status"]["indicator"] == "major"
    assert [part["name"] for part in found["incidents"][0]["components"]] == ["US"]
    assert found["page"]["name"] == "Aws"
    assert read(client, "status", root="/services/github")["status"]["indicator"] == "none"


@pytest.mark.django_db
def test_a_service_has_a_host_of_its_own(client: Client) -> None:
    make_outage("claude", NOW - HOUR)
    environment = replace(settings.ENV, service_domain="status.example.org")
    with override_settings(ENV=environment, ALLOWED_HOSTS=["testserver", ".status.example.org"]):
        own = read(client, "summary", host="claude.status.example.org")
        assert own == read(client, "summary", root="/services/claude")
        assert own["page"]["name"] == "Claude"
        home = client.get("/", headers={"host": "claude.status.example.org"})
        assert b"Claude" in home.content
        nobody = client.get("/api/v2/status.json", headers={"host": "nobody.status.example.org"})
        assert nobody.status_code == 404


@pytest.mark.django_db
def test_announced_maintenance_is_scheduled_then_active_then_done(client: Client) -> None:
    work = OfficialIncident.objects.create(
        service=service("aws"),
        key="m",
        is_maintenance=True,
        name="Database work",
        status="scheduled",
        impact="maintenance",
        declared_at=NOW - 9 * HOUR,
        first_seen_at=NOW - 9 * HOUR,
        scheduled_for=NOW + HOUR,
        scheduled_until=NOW + 2 * HOUR,
    )
    upcoming = read(client, "scheduled-maintenances/upcoming")["scheduled_maintenances"]
    assert list(upcoming[0]) == [*INCIDENT.split(), "scheduled_for", "scheduled_until"]
    assert upcoming[0]["status"] == "scheduled"
    assert read(client, "status")["status"]["indicator"] == "none"
    OfficialIncident.objects.filter(pk=work.pk).update(scheduled_for=NOW - HOUR)
    assert read(client, "scheduled-maintenances/upcoming")["scheduled_maintenances"] == []
    assert len(read(client, "scheduled-maintenances/active")["scheduled_maintenances"]) == 1
    assert read(client, "status")["status"]["indicator"] == "maintenance"
    OfficialIncident.objects.filter(pk=work.pk).update(resolved_at=NOW)
    done = read(client, "scheduled-maintenances")["scheduled_maintenances"]
    assert [one["status"] for one in done] == ["completed"]
    assert read(client, "summary")["scheduled_maintenances"] == []


@pytest.mark.django_db
@pytest.mark.parametrize("name", [*DOCUMENTS])
def test_every_document_answers_get_and_head_alike_and_is_kept(client: Client, name: str) -> None:
    for root in ("", "/services/claude"):
        whole = client.get(f"{root}/api/v2/{name}.json")
        bare = client.head(f"{root}/api/v2/{name}.json")
        assert (whole.status_code, bare.status_code, bare.content) == (200, 200, b"")
        assert whole["Content-Type"] == "application/json; charset=utf-8"
        assert whole["Access-Control-Allow-Origin"] == "*"
        assert whole["ETag"].startswith('W/"')
        assert whole["ETag"] == bare["ETag"]
        assert "max-age=10" in whole["Cache-Control"]
        assert "public" in whole["Cache-Control"]
        again = client.get(f"{root}/api/v2/{name}.json", headers={"if-none-match": whole["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again["Access-Control-Allow-Origin"] == "*"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    [
        "/api/v2/incidents/2026.json",
        f"/api/v2/incidents/{id_of(Kind.OUTAGE, 99)}.json",
        "/services/nobody/api/v2/status.json",
        "/api/v2/nothing.json",
    ],
)
def test_what_there_is_not_is_a_problem_document(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
def test_preflight_is_answered_and_writing_is_not(client: Client) -> None:
    assert client.options("/api/v2/status.json").status_code == 204
    assert client.post("/api/v2/status.json").status_code == 405


@pytest.mark.django_db
def test_an_incident_is_not_found_under_another_service(client: Client) -> None:
    key = id_of(Kind.OUTAGE, make_outage("claude", NOW - HOUR).pk)
    assert client.get(f"/services/claude/api/v2/incidents/{key}.json").status_code == 200
    assert client.get(f"/services/aws/api/v2/incidents/{key}.json").status_code == 404


def test_ids_are_distinct_and_lead_back() -> None:
    made = {id_of(kind, key): (kind, key) for kind in Kind for key in range(2000)}
    assert len(made) == len(Kind) * 2000
    for text, (kind, key) in made.items():
        assert len(text) == 12
        assert key_of(kind, text) == key


@pytest.mark.django_db
def test_of_two_moves_of_one_minute_the_last_is_the_newest(client: Client) -> None:
    outage = make_outage("github", NOW - HOUR)
    OutageEvent.objects.filter(outage=outage).update(at=NOW)
    found = next(one for one in read(client, "incidents/unresolved")["incidents"])
    assert [one["status"] for one in found["incident_updates"]] == ["identified", "investigating"]
    check(read(client, "summary"))


# -- agreement ------------------------------------------------------------------------------


def check(found: Document) -> None:
    """What must hold of every summary, whatever happens meanwhile."""
    parts = [part for part in found["components"] if not part["group"]]
    by_id = {part["id"]: part for part in parts}
    bad = {key for key, part in by_id.items() if part["status"] != "operational"}
    named = {part["id"] for one in found["incidents"] for part in one["components"]}
    assert bad == named, "a component is bad exactly when an unresolved incident names it"
    assert (found["status"]["indicator"] == "none") == (not found["incidents"])
    for one in found["incidents"]:
        newest = one["incident_updates"][0]
        assert one["status"] == newest["status"] != "resolved"
        assert one["updated_at"] == newest["created_at"]
        assert one["resolved_at"] is None
        for part in one["components"]:
            assert part == by_id[part["id"]]
    for group in found["components"]:
        if group["group"]:
            assert {by_id[key]["group_id"] for key in group["components"]} == {group["id"]}


@contextmanager
def a_busy_time() -> Iterator[None]:
    """Outages that open, are confirmed and end as fast as a thread can write."""
    stop = threading.Event()

    def write() -> None:
        while not stop.is_set():
            for slug in ("claude", "aws", "github"):
                # As `outages` does: an Outage and its move are written together.
                with transaction.atomic():
                    make_outage(slug, NOW - HOUR)
            with transaction.atomic():
                Outage.objects.all().delete()
        connections.close_all()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.mark.usefixtures("committed")
def test_no_answer_contradicts_itself_while_outages_come_and_go(client: Client) -> None:
    seen = set()
    with a_busy_time():
        for _ in range(80):
            found = read(client, "summary")
            check(found)
            seen.add(len(found["incidents"]))
    assert len(seen) > 1
