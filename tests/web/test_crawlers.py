"""What machines that read pages get: headers, cards, robots.txt, the sitemap, structured data."""

import io
import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from django.conf import settings
from django.test import Client
from PIL import Image
from pytest_django import DjangoAssertNumQueries

from aggregator.models import Outage
from aggregator.models.picture import Verdict
from reports.models import Service
from tests.readable import make_outage, make_status
from web.share import COLOURS, Card, draw_card

PUBLIC_PAGES = ["/", "/services/claude/", "/outages/", "/map/", "/regions/US-CA/", "/method/"]


class Inline(HTMLParser):
    """Finds what a strict policy refuses: styles in place, and scripts in attributes."""

    def __init__(self, text: str) -> None:
        """Read a page."""
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag or an attribute of that kind; code shown as text is none."""
        self.found += [tag] if tag == "style" else []
        self.found += [name for name, _ in attrs if name == "style" or name.startswith("on")]


def policy(client: Client, address: str) -> dict[str, str]:
    """The directives of an answer's content policy."""
    header = client.get(address).headers["Content-Security-Policy"]
    return dict(part.strip().partition(" ")[::2] for part in header.split(";"))


@pytest.fixture
def outage(claude: Service, db: None) -> Outage:
    """A confirmed one of Claude."""
    made = make_outage("claude", datetime.now(UTC) - timedelta(hours=1))
    make_status("claude", Verdict.MAJOR, outage=made, observed=34)
    return made


@pytest.mark.django_db
@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_public_pages_allow_their_own_host_and_nothing_inline(
    client: Client, address: str, claude: Service
) -> None:
    found = policy(client, address)
    assert found["default-src"] == "'none'"
    assert found["frame-ancestors"] == "'none'"
    assert {found[name] for name in ("script-src", "style-src", "img-src", "connect-src")} == {
        "'self'"
    }
    assert Inline(client.get(address).content.decode()).found == []


@pytest.mark.django_db
def test_every_answer_gives_away_no_more_of_a_device_than_its_position(client: Client) -> None:
    for address in ("/", "/api/v1/services", "/nowhere/"):
        answer = client.get(address)
        assert "geolocation=(self)" in answer.headers["Permissions-Policy"]
        assert "camera=()" in answer.headers["Permissions-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
def test_documentation_of_the_api_runs_no_inline_script(client: Client) -> None:
    assert policy(client, "/api/docs")["script-src"] == "'self'"
    assert not re.search(r"<script>", client.get("/api/docs").content.decode())


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/share.png", "/services/claude/share.png"])
def test_card_is_a_picture_of_the_right_size_that_caches_keep(
    client: Client, address: str, outage: Outage
) -> None:
    answer = client.get(address)
    assert answer.headers["Content-Type"] == "image/png"
    assert "public" in answer.headers["Cache-Control"]
    assert Image.open(io.BytesIO(answer.content)).size == (1200, 630)
    again = client.get(address, headers={"if-none-match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.django_db
def test_card_follows_the_verdict(client: Client, claude: Service, outage: Outage) -> None:
    before = client.get("/services/claude/share.png").content
    claude.status.delete()
    assert client.get("/services/claude/share.png").content != before


@pytest.mark.django_db
def test_card_costs_two_queries(
    client: Client, outage: Outage, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):
        client.get("/services/claude/share.png")


@pytest.mark.django_db
def test_there_is_no_card_of_an_unknown_service(client: Client) -> None:
    assert client.get("/services/nothing/share.png").status_code == 404


@pytest.mark.parametrize("verdict", COLOURS)
@pytest.mark.parametrize("title", ["", "X", "Is " + "Wolfsburg " * 20 + "down?", "Ist 東京 down?"])
def test_any_name_fits_on_a_card(verdict: str, title: str) -> None:
    card = Card(title, verdict, "Can't tell yet", "9 reports", [0, 5, 1], "Outcry")
    assert draw_card(card) == draw_card(card)
    assert len(draw_card(card)) < 60_000


@pytest.mark.django_db
def test_robots_are_told_what_is_worth_reading(client: Client) -> None:
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /admin/" in text
    assert f"Sitemap: {settings.ENV.site_url}/sitemap.xml" in text


@pytest.mark.django_db
def test_sitemap_lists_services_and_outages_that_stand(client: Client, outage: Outage) -> None:
    answer = client.get("/sitemap.xml", headers={"host": "127.0.0.1"})
    root = ET.fromstring(answer.content)  # noqa: S314 - our own
    listed = {node.text for node in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")}
    site = settings.ENV.site_url
    assert f"{site}/services/claude/" in listed
    assert f"{site}/outages/{outage.pk}/" in listed
    retracted = Outage.objects.filter(pk=outage.pk)
    retracted.update(
        state="retracted", retracted_at=outage.detected_at, ended_at=outage.detected_at
    )
    assert f"/outages/{outage.pk}/" not in client.get("/sitemap.xml").content.decode()


@pytest.mark.django_db
def test_service_page_describes_itself_to_machines(client: Client, outage: Outage) -> None:
    text = client.get("/services/claude/?range=7d").content.decode()
    block = re.search(r'<script type="application/ld\+json">(.*?)</script>', text)
    assert block is not None
    assert json.loads(block[1])["about"] == "Claude"
    site = settings.ENV.site_url
    assert f'<link rel="canonical" href="{site}/services/claude/">' in text
    assert f'property="og:image" content="{site}/services/claude/share.png"' in text
    title = re.search(r"<title>(.*?)</title>", text)
    shared = re.search(r'og:title" content="(.*?)"', text)
    assert title is not None
    assert shared is not None
    assert title[1] == shared[1]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/services/claude/thanks/", "/nowhere/", "/?q=claude"])
def test_pages_for_one_reader_are_not_to_be_found(
    client: Client, address: str, claude: Service
) -> None:
    assert '<meta name="robots" content="noindex">' in client.get(address).content.decode()


def test_the_old_place_of_the_icon_leads_to_it(client: Client) -> None:
    response = client.get("/favicon.ico")
    assert response.status_code == 302
    assert response["Location"].endswith("icon.svg")
    assert "public" in response["Cache-Control"]
