"""The pages as a browser without scripts gets them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client, override_settings
from pytest_django import DjangoAssertNumQueries

from aggregator.models import Outage
from aggregator.models.outage import State
from aggregator.models.picture import Verdict
from aggregator.selectors import names
from tests.factories import make_report
from tests.readable import (
    make_count,
    make_expectation,
    make_mark,
    make_outage,
    make_place,
    make_status,
)

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)
VOID = {"meta", "link", "input", "option", "br", "img"}


class Balance(HTMLParser):
    """Finds tags that are not closed, and addresses of other hosts."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.open: list[str] = []
        self.elsewhere: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag that must be closed."""
        if tag not in VOID:
            self.open.append(tag)
        if dict(attrs).get("rel") in {"alternate", "canonical"}:
            return
        self.elsewhere += [
            value
            for name, value in attrs
            if name in {"src", "href", "action"} and value and value.startswith(("http", "//"))
            # What a page is called by: nobody fetches it.
            if ("rel", "canonical") not in attrs
        ]

    def handle_endtag(self, tag: str) -> None:
        """Close the tag opened last."""
        assert tag in VOID or self.open.pop() == tag


@pytest.fixture
def outage() -> Outage:
    """An Outage of claude that is going on, and all that a page shows of it."""
    names.forget()
    found = make_outage("claude", NOW - timedelta(hours=1))
    make_outage("claude", NOW - timedelta(days=2), state=State.OVER)
    make_status("claude", Verdict.MAJOR, observed=34, outage=found)
    make_status("github", Verdict.OK)
    make_status("aws", Verdict.POSSIBLE, observed=12)
    make_place("claude", "US", 31)
    make_place("claude", "US-CA", 12)
    make_place("claude", "DE", 3)
    make_count("claude", NOW - timedelta(minutes=20), 40, problem_type="api", region="US-CA")
    make_expectation("claude", NOW.replace(minute=0, second=0, microsecond=0))
    return found


def text(client: Client, address: str) -> str:
    """A page's HTML."""
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


ADDRESSES = [
    "/",
    "/live/",
    "/find/?q=cla",
    "/find/?q=zzzzzzzz",
    "/find/",
    "/?category=ai",
    "/?q=claude",
    "/?q=zzzzzzzz",
    "/services/claude/",
    "/services/github/",
    "/services/noise/",
    "/services/claude/?region=US-CA",
    "/services/claude/?range=7d",
    "/services/claude/?range=30d",
    "/services/claude/live/",
    "/services/claude/live/?range=7d",
    "/services/claude/thanks/",
    "/services/claude/thanks/?again",
    "/map/",
    "/map/?service=claude",
    "/map/US/",
    "/map/US/?service=claude",
    "/map/live/",
    "/map/US/live/?service=claude",
    "/regions/US/live/",
    "/regions/US/",
    "/regions/US-CA/",
    "/regions/MC/",
    "/outages/",
    "/outages/?state=over&category=ai",
    "/method/",
    "/privacy/",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_page_is_well_formed_and_the_same_for_all(
    client: Client, outage: Outage, address: str
) -> None:
    response = client.get(address)
    assert response.status_code == 200
    page = Balance(response.content.decode())
    assert page.open == []
    assert page.elsewhere == []
    assert "public" in response["Cache-Control"]
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    again = client.get(address, headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304
    assert client.head(address).status_code == 200


def test_page_of_an_outage_is_well_formed(client: Client, outage: Outage) -> None:
    page = Balance(text(client, f"/outages/{outage.pk}/"))
    assert page.open == []


def test_home_names_what_is_wrong_before_all_else(client: Client, outage: Outage) -> None:
    page = text(client, "/")
    troubled = page.index("Worst first")
    assert page.index("Outages now") < page.index(f"/outages/{outage.pk}/") < troubled
    worst_first = [page.index(f"/services/{slug}/", troubled) for slug in ("claude", "aws")]
    assert worst_first == sorted(worst_first)
    assert "<b>34</b> reports in 15 min, <span>usual 2–9<" in page  # noqa: RUF001 - a dash of ranges
    # Once with its numbers, once among all.
    assert page.count("/services/github/") == 2
    assert page.count("/services/noise/") == 1


def test_search_works_as_a_plain_form(client: Client, outage: Outage) -> None:
    assert "/services/github/" in text(client, "/?q=gihtub")
    assert "No service of this name" in text(client, "/?q=zzzzzzzz")


def test_search_shows_what_was_typed_as_text(client: Client) -> None:
    page = text(client, "/?q=%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>" not in page
    assert "alert(1)" in page


def test_service_page_answers_in_a_sentence(client: Client, outage: Outage) -> None:
    page = text(client, "/services/claude/")
    assert "Yes: reports about Claude are 8.5 times the usual since <time" in page
    assert "mostly Api, strongest in US." in page
    assert f"/outages/{outage.pk}/" in page
    assert "fewer than 5" in page
    assert "chart-outage" in page
    assert "chart-usual" in page


def test_service_page_without_data_says_so(client: Client) -> None:
    page = text(client, "/services/noise/")
    # The apostrophe is escaped.
    assert "tell yet: too little is known about Noise." in page


def test_pages_say_where_the_usual_is_not_known_yet(client: Client) -> None:
    make_place("noise", "BR", 20, expected=None)
    for path in ("/services/noise/", "/regions/BR/"):
        page = text(client, path)
        assert "not known yet" in page
        assert ">0.0<" not in page


def test_service_page_enters_a_known_place(client: Client) -> None:
    assert 'value="California, United States"' in text(client, "/services/claude/?region=US-CA")
    assert 'value=""' in text(client, "/services/claude/?region=Atlantis")


def test_outage_page_tells_its_course(client: Client, outage: Outage) -> None:
    page = text(client, f"/outages/{outage.pk}/")
    assert page.index("First noticed") < page.index("Confirmed")
    assert "60 reports in 15 min, 4.2 expected" in page
    assert "worldwide" in page


def test_retracted_outage_says_that_it_was_none(client: Client) -> None:
    outage = make_outage("claude", NOW - timedelta(days=1), state=State.RETRACTED)
    assert "This was retracted" in text(client, f"/outages/{outage.pk}/")


def test_archive_leads_to_older_ones_and_back(client: Client) -> None:
    for day in range(1, 33):
        make_outage("claude", NOW - timedelta(days=day), state=State.OVER)
    first = text(client, "/outages/?state=over")
    assert first.count('class="outage ') == 30
    older = first.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = text(client, f"/outages/{older}")
    assert second.count('class="outage ') == 2
    newer = second.partition('rel="prev" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert text(client, f"/outages/{newer}").count('class="outage ') == 30


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/nothing/", 404),
        ("/services/nobody/", 404),
        ("/services/claude/?range=1y", 400),
        ("/services/nobody/live/", 404),
        ("/map/MC/live/", 404),
        ("/map/live/?service=nobody", 404),
        ("/regions/ZZ/live/", 404),
        ("/?category=nothing", 404),
        ("/outages/987654/", 404),
        ("/outages/?state=bad", 400),
        ("/outages/?cursor=bad", 400),
        ("/services/nobody/thanks/", 404),
        ("/map/MC/", 404),
        ("/map/us/", 404),
        ("/map/?service=nobody", 404),
        ("/regions/XX/", 404),
        ("/maps/US-00000000.svg", 404),
    ],
)
def test_wrong_address_is_a_page_that_nobody_keeps(
    client: Client, address: str, status: int
) -> None:
    response = client.get(address)
    assert response.status_code == status
    assert Balance(response.content.decode()).open == []
    assert response["Cache-Control"] == "no-store"


def test_fault_of_ours_is_a_page_too(
    client: Client, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr("web.pages.home.open_outages", lambda: 1 / 0)
    response = client.get("/")
    assert response.status_code == 500
    assert "Something broke on our side" in response.content.decode()


@pytest.mark.parametrize(
    ("address", "kind"), [("/", "text/html"), ("/api/v1/services", "application/problem+json")]
)
def test_without_the_database_we_are_unavailable(
    client: Client, monkeypatch: pytest.MonkeyPatch, address: str, kind: str
) -> None:
    def gone(*_: object) -> None:
        raise OperationalError

    monkeypatch.setattr("django.db.models.query.QuerySet._fetch_all", gone)
    response = client.get(address)
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert response["Content-Type"].startswith(kind)
    assert response["Cache-Control"] == "no-store"


NUMBERED = ["/", "/services/claude/", "/map/", "/regions/US/", "/outages/", "/outages/{}/"]


@pytest.mark.parametrize("address", NUMBERED)
def test_page_says_how_old_its_numbers_are(client: Client, outage: Outage, address: str) -> None:
    now = datetime.now(UTC)
    mark = make_mark(now)
    fresh = text(client, address.format(outage.pk))
    assert f'Numbers as of <time datetime="{now:%Y-%m-%dT%H:%M:%SZ}"' in fresh
    assert "minutes old. We keep trying.</p>" not in fresh
    mark.evaluated_until = now - timedelta(minutes=12)
    mark.save()
    # Without any script.
    assert " minutes old. We keep trying.</p>" in text(client, address.format(outage.pk))


def test_page_of_an_outage_that_is_over_grows_no_older(client: Client, outage: Outage) -> None:
    make_mark(NOW - timedelta(hours=3))
    over = Outage.objects.exclude(ended_at=None).get()
    page = text(client, f"/outages/{over.pk}/")
    assert "Numbers as of" not in page
    assert "data-live" not in page


def test_demo_says_that_it_is_one(client: Client) -> None:
    assert "simulated" not in text(client, "/")
    with override_settings(ENV=replace(settings.ENV, demo=True)):
        assert "simulated" in text(client, "/")


@pytest.mark.parametrize("reports", [0, 20])
@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/", 4),
        ("/live/", 4),
        ("/?category=ai", 1),
        ("/services/claude/", 17),
        ("/services/claude/live/", 14),
        ("/map/", 2),
        ("/map/live/", 2),
        ("/map/US/?service=claude", 4),
        ("/regions/US/", 8),
        ("/regions/US/live/", 6),
        ("/regions/US-CA/", 7),
        ("/outages/", 3),
        ("/services/claude/thanks/", 3),
    ],
)
def test_pages_cost_the_same_and_never_ask_for_reports(
    outage: Outage,
    django_assert_num_queries: DjangoAssertNumQueries,
    address: str,
    queries: int,
    reports: int,
) -> None:
    client = Client()
    for _ in range(reports):
        make_report("claude")
    with django_assert_num_queries(queries) as asked:
        assert client.get(address).status_code == 200
    assert not [query for query in asked if "reports_report" in query["sql"]]
