"""Outages over the API."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client

from aggregator import outages
from aggregator.models import Outage
from aggregator.models.outage import State
from tests.aggregator.test_outages import CLOSING, CONFIRMING, OPENING
from tests.factories import service
from tests.readable import make_count, make_outage

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
SHAPE = [
    "id",
    "service",
    "region",
    "regions",
    "state",
    "started_at",
    "detected_at",
    "confirmed_at",
    "ended_at",
    "retracted_at",
    "peak_count",
    "expected_at_peak",
    "problem_types",
    "cause",
    "official",
    "url",
]
pytestmark = pytest.mark.django_db


def ids(client: Client, question: str) -> set[int]:
    """The ids of the Outages that a question finds."""
    response = client.get(f"/api/v1/outages?{question}")
    assert response.status_code == 200
    return {found["id"] for found in response.json()["results"]}


def test_outage_has_the_promised_shape(client: Client) -> None:
    noon = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    outage = make_outage("claude", noon)
    outage.cause = service("aws")
    outage.save()
    make_count("claude", noon + timedelta(minutes=3), 9, problem_type="chat")
    make_count("claude", noon + timedelta(minutes=20), 7, problem_type="api", region="US")
    make_count("claude", noon - timedelta(hours=3), 70, problem_type="api")
    make_count("noise", noon, 70, problem_type="noise")
    found = client.get(f"/api/v1/outages/{outage.pk}").json()
    assert list(found) == [*SHAPE, "events", "notes"]
    assert found.pop("notes") == []
    assert [event["kind"] for event in found.pop("events")] == ["opened", "confirmed"]
    assert found["service"] == "claude"
    assert (found["region"], found["regions"]) == (None, [])
    assert found["started_at"] == noon.isoformat().replace("+00:00", "Z")
    assert (found["ended_at"], found["official"]) == (None, None)
    assert found["problem_types"] == ["chat", "api"]
    assert found["cause"] == "aws"
    assert found["url"] == f"{settings.ENV.site_url}/outages/{outage.pk}/"
    assert client.get("/api/v1/outages").json()["results"] == [found]


def test_outages_are_chosen_by_state_service_and_category(client: Client) -> None:
    now = make_outage("claude", NOON)
    before = make_outage("claude", NOON - timedelta(days=1), state=State.OVER)
    gone = make_outage("noise", NOON, state=State.RETRACTED)
    assert ids(client, "state=open") == {now.pk}
    assert ids(client, "state=confirmed") == {now.pk}
    assert ids(client, "state=possible") == set()
    assert ids(client, "state=over") == {before.pk}
    assert ids(client, "state=retracted") == {gone.pk}
    assert ids(client, "service=claude") == {now.pk, before.pk}
    assert ids(client, "category=ai") == {now.pk, before.pk, gone.pk}


@pytest.mark.parametrize(
    ("region", "found"),
    [
        ("US", {"world", "us", "california"}),
        ("US-CA", {"world", "us", "california"}),
        ("US-NY", {"world", "us"}),
        ("DE", {"world"}),
    ],
)
def test_outages_of_a_region_touch_it(client: Client, region: str, found: set[str]) -> None:
    outages = {
        "world": make_outage("claude", NOON),
        "us": make_outage("aws", NOON, regions=["US"]),
        "california": make_outage("github", NOON, regions=["US-CA"]),
        "brazil": make_outage("noise", NOON, regions=["BR", "BR-SP"]),
    }
    assert ids(client, f"region={region}") == {outages[name].pk for name in found}


def test_outages_of_a_span_overlap_it(client: Client) -> None:
    early = make_outage("claude", NOON - timedelta(hours=3), state=State.OVER)
    late = make_outage("claude", NOON, state=State.OVER)
    going_on = make_outage("aws", NOON - timedelta(hours=4))
    assert ids(client, "from=2026-03-18T10:00:00Z") == {early.pk, late.pk, going_on.pk}
    assert ids(client, "from=2026-03-18T11:00:00Z") == {late.pk, going_on.pk}
    assert ids(client, "to=2026-03-18T12:00:00Z") == {early.pk, going_on.pk}
    assert ids(client, "from=2026-03-18T12:30:00%2B01:00&to=2026-03-18T12:00:00Z") == {going_on.pk}


def test_outage_says_why_move_by_move(client: Client) -> None:
    for move in (OPENING, CONFIRMING, CLOSING):
        outages.apply(move)
    found = client.get(f"/api/v1/outages/{Outage.objects.get().pk}").json()
    events = found["events"]
    assert [event["kind"] for event in events] == ["opened", "confirmed", "closed"]
    assert set(events[0]["numbers"]) == {
        *("rule", "region", "window", "observed", "expected", "low", "high", "z"),
        *("networks", "parameters", "sensitivity", "bar"),
    }
    assert (events[0]["numbers"]["observed"], events[0]["numbers"]["window"]) == (120, 5)
