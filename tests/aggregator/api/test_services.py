"""Services over the API: now, over time, by Region, by problem type."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from aggregator.models.picture import Verdict
from aggregator.selectors import names
from reports.models import Region, ServiceAlias
from tests.factories import make_report, service
from tests.readable import (
    make_count,
    make_expectation,
    make_outage,
    make_place,
    make_status,
)

NOON = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
pytestmark = pytest.mark.django_db


def iso(at: datetime) -> str:
    """An instant as the API writes it."""
    return at.isoformat().replace("+00:00", "Z")


@pytest.fixture(autouse=True)
def other_rows() -> None:
    """Rows of a Service nobody asks for."""
    make_count("noise", NOON, 777, region="US-CA", problem_type="noise")
    make_place("noise", "US-CA", 777)
    names.forget()


def test_service_without_status_is_unknown(client: Client) -> None:
    found = client.get("/api/v1/services/github").json()
    assert (found["verdict"], found["at"], found["expected"]) == ("unknown", None, None)
    assert [kind["slug"] for kind in found["problem_types"]] == ["actions", "git"]


def test_service_tells_its_status(client: Client) -> None:
    outage = make_outage("claude", NOON)
    make_status("claude", Verdict.MAJOR, observed=34, outage=outage, at=NOON)
    found = client.get("/api/v1/services/claude").json()
    assert found["verdict"] == "major"
    assert found["outage"] == outage.pk
    assert (found["count"], found["low"], found["high"]) == (34, 2.0, 9.0)
    assert found["at"] == iso(NOON)
    assert found["depends_on"] == ["aws"]


def test_services_are_listed_by_slug(client: Client) -> None:
    page = client.get("/api/v1/services").json()
    assert set(page) == {"next", "previous", "results"}
    slugs = [found["slug"] for found in page["results"]]
    assert slugs == sorted(slugs)
    assert "claude" in slugs


def test_services_are_chosen_by_verdict(client: Client) -> None:
    make_status("claude", Verdict.MAJOR)
    make_status("github", Verdict.OK)
    major = client.get("/api/v1/services?verdict=major").json()["results"]
    unknown = client.get("/api/v1/services?verdict=unknown").json()["results"]
    assert [found["slug"] for found in major] == ["claude"]
    assert [found["slug"] for found in unknown] == ["aws", "noise"]


@pytest.mark.parametrize("asked", ["claude", "CLAUDE", "Cluade", "anthropic", "antropic", "cla"])
def test_search_finds_by_name_alias_and_mistyped(client: Client, asked: str) -> None:
    ServiceAlias.objects.create(service=service("claude"), name="Anthropic")
    found = client.get("/api/v1/services", {"q": asked}).json()["results"]
    assert [entry["slug"] for entry in found] == ["claude"]


def test_search_finds_nothing_for_nonsense(client: Client) -> None:
    assert client.get("/api/v1/services?q=zzzzzzzz").json()["results"] == []
    assert client.get("/api/v1/services?q=%00").json()["results"] == []


def test_series_fills_missing_spans_with_zero(client: Client) -> None:
    make_count("claude", NOON, 7, region="US-CA")
    make_count("claude", NOON, 2, region="DE", problem_type="api")
    make_expectation("claude", NOON)
    end = NOON + timedelta(minutes=30)
    with time_machine.travel(end, tick=False):
        found = client.get(
            "/api/v1/services/claude/series",
            {"from": iso(NOON - timedelta(minutes=30)), "to": iso(end)},
        ).json()
    assert [point["count"] for point in found["points"]] == [0, 0, 9, 0]
    assert [point["expected"] for point in found["points"]] == [None, None, 4.0, None]
    assert (found["points"][2]["low"], found["points"][2]["high"]) == (2.0, 8.0)
    assert found["region"] is None


def test_series_of_a_region_holds_its_descendants_and_hides_small_counts(client: Client) -> None:
    make_count("claude", NOON, 4, region="US-CA")
    make_count("claude", NOON, 2, region="US")
    make_count("claude", NOON, 9, region="DE")
    make_count("claude", NOON + timedelta(minutes=15), 4, region="US-CA")
    with time_machine.travel(NOON + timedelta(minutes=45), tick=False):
        found = client.get(
            "/api/v1/services/claude/series", {"from": iso(NOON), "region": "US"}
        ).json()
    shown = [(point["count"], point["fewer_than"]) for point in found["points"]]
    assert shown == [(6, None), (None, 5), (None, 5)]


@pytest.mark.parametrize(("step", "points"), [("1m", 60), ("15m", 4), ("1h", 1), ("1d", 1)])
def test_every_step_holds_the_same_reports(client: Client, step: str, points: int) -> None:
    make_count("claude", NOON + timedelta(minutes=31), 9)
    with time_machine.travel(NOON + timedelta(minutes=60), tick=False):
        found = client.get(
            "/api/v1/services/claude/series", {"from": iso(NOON), "step": step}
        ).json()
    assert len(found["points"]) == points
    assert sum(point["count"] for point in found["points"]) == 9


def test_expectation_of_an_hour_needs_all_its_quarters(client: Client) -> None:
    for quarter in range(4):
        make_expectation("claude", NOON + quarter * timedelta(minutes=15), expected=1.0)
    make_expectation("claude", NOON + timedelta(hours=1))
    with time_machine.travel(NOON + timedelta(hours=2), tick=False):
        found = client.get(
            "/api/v1/services/claude/series", {"from": iso(NOON), "step": "1h"}
        ).json()
    assert [point["expected"] for point in found["points"]] == [4.0, None]


def test_regions_are_ranked_and_small_counts_hidden(client: Client) -> None:
    for region, count in [("", 40), ("US", 30), ("US-CA", 5), ("DE", 4), ("AT", 1), ("BR", 12)]:
        make_place("claude", region, count)
    found = client.get("/api/v1/services/claude/regions").json()["results"]
    shown = [(place["region"], place["count"], place["fewer_than"]) for place in found]
    assert shown == [
        ("US", 30, None),
        ("BR", 12, None),
        ("US-CA", 5, None),
        ("AT", None, 5),
        ("DE", None, 5),
    ]


def test_what_is_usual_is_null_while_nothing_is_known_of_a_region(client: Client) -> None:
    make_place("claude", "US", 30)
    make_place("claude", "BR", 12, expected=None)
    found = client.get("/api/v1/services/claude/regions").json()["results"]
    assert [place["expected"] for place in found] == [1.0, None]


def test_pages_of_regions_tell_nothing_of_hidden_counts(client: Client) -> None:
    for region, count in [("US", 30), ("DE", 4), ("AT", 1), ("BR", 2)]:
        make_place("claude", region, count)
    address: str | None = "/api/v1/services/claude/regions?page_size=1"
    seen = []
    while address:
        page = client.get(address).json()
        seen += [place["region"] for place in page["results"]]
        address = page["next"]
    assert seen == ["US", "AT", "BR", "DE"]


def test_regions_are_chosen_by_parent_and_kind(client: Client) -> None:
    for region in ("US", "US-CA", "US-NY", "DE-BE"):
        make_place("claude", region, 9)
    inside = client.get("/api/v1/services/claude/regions?parent=US").json()["results"]
    countries = client.get("/api/v1/services/claude/regions?kind=country").json()["results"]
    assert [place["region"] for place in inside] == ["US-CA", "US-NY"]
    assert [place["region"] for place in countries] == ["US"]


def test_problem_types_are_ranked_with_shares(client: Client) -> None:
    make_count("claude", NOON, 6, problem_type="api")
    make_count("claude", NOON, 3, problem_type="chat")
    make_count("claude", NOON, 1)
    make_count("claude", NOON - timedelta(hours=3), 50, problem_type="chat")
    with time_machine.travel(NOON + timedelta(minutes=20), tick=False):
        hour = client.get("/api/v1/services/claude/problem-types").json()["results"]
        day = client.get("/api/v1/services/claude/problem-types?span=24h").json()["results"]
    assert [(row["problem_type"], row["count"], row["share"]) for row in hour] == [
        ("api", 6, 0.6),
        ("chat", 3, 0.3),
        (None, 1, 0.1),
    ]
    assert [row["problem_type"] for row in day] == ["chat", "api", None]


def test_problem_types_of_a_region_hide_small_counts(client: Client) -> None:
    make_count("claude", NOON, 6, problem_type="api", region="US-CA")
    make_count("claude", NOON, 3, problem_type="chat", region="US")
    with time_machine.travel(NOON + timedelta(minutes=20), tick=False):
        found = client.get("/api/v1/services/claude/problem-types?region=US").json()["results"]
    assert [(row["count"], row["fewer_than"], row["share"]) for row in found] == [
        (6, None, 0.667),
        (None, 5, None),
    ]


def test_regions_and_categories_are_listed(client: Client) -> None:
    inside = client.get("/api/v1/regions?parent=US").json()["results"]
    assert [region["code"] for region in inside] == ["US-CA", "US-NY"]
    everything = client.get("/api/v1/regions").json()["results"]
    assert len(everything) == Region.objects.count() - 1
    assert client.get("/api/v1/categories").json()["results"] == [
        {"slug": "ai", "name": "AI", "services": 4}
    ]


@pytest.mark.parametrize("reports", [0, 30])
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/api/v1/services", 2),
        ("/api/v1/services/claude", 5),
        ("/api/v1/services/claude/series", 4),
        ("/api/v1/services/claude/regions", 2),
        ("/api/v1/services/claude/problem-types", 2),
        ("/api/v1/outages", 3),
    ],
)
def test_reads_cost_the_same_and_never_ask_for_reports(
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
    address: str,
    queries: int,
    reports: int,
) -> None:
    make_outage("claude", NOON)
    for _ in range(reports):
        make_report("claude")
    with django_assert_num_queries(queries) as asked:
        assert client.get(address).status_code == 200
    assert not [query for query in asked if "reports_report" in query["sql"]]
