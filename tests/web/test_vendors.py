"""`/official/`: who says it first, vendor by vendor."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core.cache import cache
from django.test import Client

from aggregator.models import OfficialIncident, OfficialPage, Outage
from aggregator.models.outage import State
from aggregator.models.picture import Verdict
from tests.factories import service
from tests.readable import make_outage, make_status

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


def make_page(slug: str, now: datetime, *, failing: bool = False) -> None:
    """A vendor's page that we have read for a month, lastly well or not at all."""
    OfficialPage.objects.create(
        service=service(slug),
        url=f"https://status.{slug}.example",
        kind="statuspage",
        due_at=now,
        indicator="none",
        watched_since=now - timedelta(days=30),
        good_at=now - (120 if failing else 1) * MINUTE,
        failing_since=now - 119 * MINUTE if failing else None,
    )


def make_lead(slug: str, noon: datetime, minutes: int | None) -> None:
    """An Outage confirmed at 9 past noon, acknowledged so many minutes later; None: never."""
    outage = make_outage(slug, noon, state=State.OVER)
    if minutes is not None and outage.confirmed_at:
        at = outage.confirmed_at + minutes * MINUTE
        OfficialIncident.objects.create(
            service=outage.service,
            key=f"{noon}",
            name="Errors",
            status="resolved",
            declared_at=at,
            first_seen_at=at,
            resolved_at=at + 60 * MINUTE,
        )


@pytest.fixture
def vendors() -> Iterator[datetime]:
    """Three vendors: a slow one, a dead one, and one that denies; gives the instant of all."""
    now = datetime.now(UTC).replace(microsecond=0)
    for slug in ("claude", "aws", "github"):
        make_page(slug, now, failing=slug == "aws")
    for day, minutes in enumerate((22, 35, 4, -11, 90, 14, None), 1):
        make_lead("claude", now - timedelta(days=2 * day), minutes)
    make_outage("claude", now - timedelta(days=25), state=State.RETRACTED)
    make_lead("aws", now - timedelta(days=3), -20)
    denied = make_outage("github", now - 90 * MINUTE)
    make_status("github", Verdict.MAJOR, outage=denied)
    cache.clear()
    yield now
    cache.clear()


def test_all_vendors_are_there_with_what_they_did(client: Client, vendors: datetime) -> None:
    page = client.get("/official/").content.decode()
    assert "Of 7 confirmed outages that vendors acknowledged" in page
    assert "first in <b>5</b>; 1 more" in page
    assert "+18 min, half of them from +6 to +32" in page
    assert "1 more were never acknowledged." in page
    assert ">1 false alarm of ours<" in page
    assert ">\N{MINUS SIGN}20 min<" in page
    names = [page.index(f">{name}</a></h2>") for name in ("Claude", "Aws", "Github")]
    assert names == sorted(names)
    assert page.count('class="doubtful"') == 2
    assert "It has given no usable answer for more than an hour." in page
    assert "It knows of nothing, more than half an hour after" in page


def test_the_file_says_the_same_in_the_words_of_the_api(client: Client, vendors: datetime) -> None:
    answer = client.get("/official/leads.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Access-Control-Allow-Origin"] == "*"
    rows = {row["service"]: row for row in csv.DictReader(io.StringIO(answer.content.decode()))}
    told = client.get("/api/v1/official").json()["results"]
    for record in told:
        row = rows[record["service"]]
        assert {name: "" if v is None else str(v) for name, v in record.items()}.items() <= (
            row.items()
        )
    assert [rows[slug]["face"] for slug in ("claude", "aws", "github")] == [
        *("telling", "dead", "silent"),
    ]


def test_without_vendors_the_page_says_so(client: Client) -> None:
    assert "No vendor's page is read here." in client.get("/official/").content.decode()


def test_queries_do_not_grow_with_vendors(
    client: Client, vendors: datetime, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(4):  # type: ignore[operator]  # a fixture's function
        client.get("/official/")


def test_charts_mark_when_the_vendor_acknowledged(client: Client, vendors: datetime) -> None:
    outage = Outage.objects.filter(service__slug="aws").get()
    at = vendors - timedelta(days=3) - 11 * MINUTE
    for page in (f"/outages/{outage.pk}/", "/services/aws/?range=7d"):
        shown = client.get(page).content.decode()
        assert f"The vendor acknowledged an outage at {at:%Y-%m-%d %H:%M} UTC.</desc>" in shown
        assert shown.count('class="chart-mark"') == 1
        assert f'acknowledged by the vendor <time datetime="{at:%Y-%m-%dT%H:%M:%SZ}"' in shown
    assert "chart-mark" not in client.get("/services/aws/").content.decode()
