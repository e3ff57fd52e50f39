"""What all reads share: errors, caching, CORS, pages."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from aggregator.models.outage import State
from aggregator.selectors.pages import Cursor
from tests.readable import make_outage, make_status

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
READS = [
    "/api/v1/services",
    "/api/v1/services/claude",
    "/api/v1/services/claude/series",
    "/api/v1/services/claude/regions",
    "/api/v1/services/claude/problem-types",
    "/api/v1/outages",
    "/api/v1/regions",
    "/api/v1/categories",
]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", READS)
def test_every_read_may_be_kept_and_asked_from_anywhere(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response["ETag"].startswith('W/"')
    assert "public" in response["Cache-Control"]
    assert "max-age=" in response["Cache-Control"]
    assert response["Access-Control-Allow-Origin"] == "*"
    assert "Cookie" not in response.get("Vary", "")


@pytest.mark.parametrize("address", READS)
def test_head_answers_as_get_without_a_body(client: Client, address: str) -> None:
    response = client.head(address)
    assert response.status_code == 200
    assert response["ETag"] == client.get(address)["ETag"]
    assert response.content == b""


def test_known_etag_is_answered_with_304(client: Client) -> None:
    etag = client.get(READS[0])["ETag"]
    response = client.get(READS[0], headers={"If-None-Match": etag})
    assert response.status_code == 304
    assert response["ETag"] == etag
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response.content == b""


def test_etag_changes_with_the_content(client: Client) -> None:
    before = client.get(READS[0])["ETag"]
    make_status("claude")
    response = client.get(READS[0], headers={"If-None-Match": before})
    assert response.status_code == 200
    assert response["ETag"] != before


def test_preflight_is_answered(client: Client) -> None:
    response = client.options(READS[0])
    assert response.status_code == 200
    assert response["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/services?colour=red", 400),
        ("/api/v1/services?page_size=101", 400),
        ("/api/v1/services?page_size=0", 400),
        ("/api/v1/services?page_size=ten", 400),
        ("/api/v1/services?page_size=5&page_size=6", 400),
        ("/api/v1/services?cursor=nonsense", 400),
        ("/api/v1/services?cursor=%FF", 400),
        ("/api/v1/services?cursor=W10", 400),
        ("/api/v1/services?category=%00", 400),
        ("/api/v1/services?verdict=bad", 400),
        ("/api/v1/services?format=xml", 400),
        ("/api/v1/services/nobody", 404),
        ("/api/v1/services/nobody/series", 404),
        ("/api/v1/services/nobody/regions", 404),
        ("/api/v1/services/nobody/problem-types", 404),
        ("/api/v1/services/claude?region=US", 400),
        ("/api/v1/services/claude/series?step=2m", 400),
        ("/api/v1/services/claude/series?region=us", 400),
        ("/api/v1/services/claude/series?region=ZZ", 400),
        ("/api/v1/services/claude/series?from=2026-03-18T12:00:00", 400),
        ("/api/v1/services/claude/series?from=2026-03-18", 400),
        ("/api/v1/services/claude/series?from=9999-12-31T23:59:59Z", 400),
        ("/api/v1/services/claude/series?step=1m&from=2026-03-18T12:00:00Z", 400),
        ("/api/v1/services/claude/regions?kind=world", 400),
        ("/api/v1/outages?service=nobody", 400),
        ("/api/v1/outages?category=nothing", 400),
        ("/api/v1/outages?region=ZZ", 400),
        ("/api/v1/outages?state=closed", 400),
        ("/api/v1/outages?to=0001-01-01T00:00:00%2B23:00", 400),
        ("/api/v1/outages?from=9999-12-31T23:59:59-23:00", 400),
        ("/api/v1/outages/1?x=1", 400),
        ("/api/v1/outages/999999", 404),
        (f"/api/v1/outages/{10**30}", 404),
        ("/api/v1/nothing", 404),
        ("/api/v1/services/", 404),
    ],
)
def test_bad_question_is_a_problem(client: Client, address: str, status: int) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["title"]
    assert response["Cache-Control"] == "no-store"


def test_problem_names_the_parameter(client: Client) -> None:
    problem = client.get("/api/v1/services?colour=red").json()
    assert problem["errors"] == {"colour": "There is no such parameter."}


def test_other_methods_are_a_problem(client: Client) -> None:
    response = client.post(READS[0])
    assert response.status_code == 405
    assert response["Content-Type"] == "application/problem+json"
    assert "GET" in response["Allow"]


def test_other_formats_are_a_problem(client: Client) -> None:
    response = client.get(READS[0], headers={"Accept": "application/xml"})
    assert response.status_code == 406
    assert response["Content-Type"] == "application/problem+json"


def test_far_offsets_are_understood(client: Client) -> None:
    assert client.get("/api/v1/outages?from=2026-03-18T12:00:00%2B23:00").status_code == 200
    far = Cursor((datetime.fromisoformat("2026-03-18T12:00:00+23:00"), 1)).text()
    assert client.get(f"/api/v1/outages?cursor={far}").status_code == 200
    farther = Cursor((datetime.fromisoformat("0001-01-01T12:00:00+23:00"), 1)).text()
    assert client.get(f"/api/v1/outages?cursor={farther}").status_code == 400


def test_pages_of_outages_lead_there_and_back(client: Client) -> None:
    # Two began in the same instant: the order must still be total.
    for hours in (1, 2, 2, 3, 4, 5, 6):
        make_outage("claude", NOON - timedelta(hours=hours), state=State.OVER)
    first = client.get("/api/v1/outages?page_size=3").json()
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    ids = [outage["id"] for page in (first, second, third) for outage in page["results"]]
    times = [outage["started_at"] for page in (first, second, third) for outage in page["results"]]
    assert len(ids) == len(set(ids)) == 7
    assert times == sorted(times, reverse=True)
    assert first["previous"] is None
    assert third["next"] is None
    assert client.get(third["previous"]).json()["results"] == second["results"]
    assert client.get(second["previous"]).json()["results"] == first["results"]
    assert client.get(second["previous"]).json()["previous"] is None
    assert client.get(second["previous"]).json()["next"] is not None


def test_pages_keep_their_place_when_rows_come(client: Client) -> None:
    for hours in (1, 2, 3):
        make_outage("claude", NOON - timedelta(hours=hours), state=State.OVER)
    first = client.get("/api/v1/outages?page_size=2").json()
    make_outage("claude", NOON, state=State.OVER)
    second = client.get(first["next"]).json()
    assert [outage["started_at"] for outage in second["results"]] == ["2026-03-18T09:00:00Z"]


def test_pages_keep_the_question(client: Client) -> None:
    for hours in (1, 2):
        make_outage("claude", NOON - timedelta(hours=hours), state=State.OVER)
        make_outage("noise", NOON - timedelta(hours=hours), state=State.OVER)
    first = client.get("/api/v1/outages?service=claude&page_size=1").json()
    second = client.get(first["next"]).json()
    assert [outage["service"] for outage in second["results"]] == ["claude"]
    assert second["next"] is None


def test_cursor_of_another_list_is_refused(client: Client) -> None:
    first = client.get("/api/v1/services?page_size=1").json()
    cursor = first["next"].partition("cursor=")[2]
    assert client.get(f"/api/v1/outages?cursor={cursor}").status_code == 400


@pytest.mark.parametrize(
    ("asked", "begins"),
    [
        # The site's own host is what its operator says, whatever a proxy forgets to tell.
        (("outcry.example", "10.0.0.1", ""), "https://outcry.example/api/v1/services?"),
        # Another host, like a service's own: the word of a trusted proxy, and of no other.
        (("status.example", "10.0.0.1", "https"), "https://status.example/api/v1/services?"),
        (("status.example", "192.0.2.1", "https"), "http://status.example/api/v1/services?"),
        (("status.example", "10.0.0.1", "gopher"), "http://status.example/api/v1/services?"),
    ],
)
def test_links_have_the_scheme_that_the_asker_sees(
    client: Client, settings: Settings, asked: tuple[str, str, str], begins: str
) -> None:
    host, peer, proto = asked
    settings.ALLOWED_HOSTS = [host]
    settings.ENV = replace(
        settings.ENV,
        site_url="https://outcry.example",
        trusted_proxies=(ip_network("10.0.0.0/8"),),
    )
    answer = client.get(
        "/api/v1/services?page_size=1",
        headers={"host": host, "X-Forwarded-Proto": proto},
        REMOTE_ADDR=peer,
    )
    assert answer.json()["next"].startswith(begins)
