"""Feeds read by feedparser, badges, and the card in a frame."""

import warnings
from calendar import timegm
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import feedparser
import pytest
from django.test import Client

from aggregator.models import OutageEvent
from aggregator.models.outage import State
from aggregator.models.picture import Verdict
from reports.models import Service
from tests.readable import make_outage, make_status
from web.formats.badge import Badge, drawing

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
FORMS = pytest.mark.parametrize("form", ["atom", "rss"])


def read(client: Client, address: str) -> "feedparser.FeedParserDict":
    response = client.get(address)
    assert response.status_code == 200
    found = feedparser.parse(response.content)
    assert found.bozo == 0, found.get("bozo_exception")
    return found


@pytest.mark.django_db
@FORMS
def test_a_feed_tells_each_outage_with_its_moves(client: Client, form: str) -> None:
    outage = make_outage("claude", NOW - 3 * HOUR, state=State.OVER)
    OutageEvent.objects.filter(kind="confirmed").update(reason="<b>Bad</b> & \x07 worse")
    found = read(client, f"/history.{form}")
    (entry,) = found.entries
    assert entry.id == f"tag:localhost,2005:Incident/{outage.pk}"
    assert entry.title == "Claude: outage"
    assert entry.link.endswith(f"/outages/{outage.pk}/")
    text = entry.content[0].value if form == "atom" else entry.summary
    assert text.index("Resolved</strong>") < text.index("Identified</strong>")
    assert text.index("Identified</strong>") < text.index("Investigating</strong>")
    assert "data-var" in client.get(f"/history.{form}").content.decode()
    assert "<b>" not in text
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        published = datetime.fromtimestamp(timegm(entry.published_parsed), UTC)
    assert published == outage.detected_at


@pytest.mark.django_db
@FORMS
def test_feeds_are_of_service_category_and_region(client: Client, form: str) -> None:
    make_outage("claude", NOW - 3 * HOUR)
    make_outage("aws", NOW - 2 * HOUR, regions=["US-CA"])
    make_outage("github", NOW - HOUR, regions=["DE"])
    counts = {
        f"/history.{form}": 3,
        f"/services/aws/history.{form}": 1,
        f"/services/noise/history.{form}": 0,
        f"/categories/ai/history.{form}": 3,
        f"/regions/US/history.{form}": 2,
        f"/regions/US-NY/history.{form}": 1,
    }
    assert {address: len(read(client, address).entries) for address in counts} == counts
    for nobody in ("services/nobody", "categories/nothing", "regions/XX", "regions/us"):
        assert client.get(f"/{nobody}/history.{form}").status_code == 404


@pytest.mark.django_db
@FORMS
def test_an_id_outlives_every_move(client: Client, form: str) -> None:
    outage = make_outage("claude", NOW - 3 * HOUR)
    before = [entry.id for entry in read(client, f"/history.{form}").entries]
    outage.state, outage.ended_at, outage.region_id = State.OVER, NOW, "US"
    outage.save()
    Service.objects.filter(slug="claude").update(name="Claude & Co")
    after = read(client, f"/services/claude/history.{form}")
    assert [entry.id for entry in after.entries] == before
    assert after.entries[0].title == "Claude & Co: outage in US"
    Service.objects.filter(slug="claude").update(name="Claude")


@pytest.mark.django_db
@FORMS
def test_a_feed_without_news_is_the_same_at_every_look(client: Client, form: str) -> None:
    first = client.get(f"/services/noise/history.{form}")
    assert first.content == client.get(f"/services/noise/history.{form}").content
    again = client.get(f"/services/noise/history.{form}", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304
    assert client.head(f"/history.{form}").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("verdict", "word", "colour"),
    [
        (Verdict.OK, "no problems", "brightgreen"),
        (Verdict.POSSIBLE, "possible problems", "orange"),
        (Verdict.MAJOR, "problems", "red"),
        (Verdict.UNKNOWN, "can't tell yet", "lightgrey"),
    ],
)
def test_a_badge_says_in_words_what_its_colour_does(
    client: Client, verdict: Verdict, word: str, colour: str
) -> None:
    make_status("claude", verdict)
    response = client.get("/services/claude/badge.svg")
    assert response["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert "max-age=60" in response["Cache-Control"]
    drawn = ET.fromstring(response.content)  # noqa: S314 - our own drawing
    assert drawn.get("aria-label") == f"Claude: {word}"
    assert [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")] == [
        "Claude",
        word,
    ]
    assert client.get("/services/claude/badge.json").json() == {
        "schemaVersion": 1,
        "label": "Claude",
        "message": word,
        "color": colour,
        "isError": verdict == Verdict.MAJOR,
        "cacheSeconds": 300,
    }


def test_a_name_is_text_in_a_badge_and_not_longer_than_it() -> None:
    drawn = drawing(Badge('<script>"&' + "x" * 90, Verdict.OK))
    assert "<script" not in drawn
    ET.fromstring(drawn)  # noqa: S314 - our own drawing
    assert "…" in drawn


@pytest.mark.django_db
def test_unknown_badges_and_cards_are_not_found(client: Client) -> None:
    for what in ("badge.svg", "badge.json", "card/"):
        assert client.get(f"/services/nobody/{what}").status_code == 404


@pytest.mark.django_db
def test_only_the_card_may_stand_in_a_frame(client: Client) -> None:
    make_status("claude", Verdict.MAJOR, observed=34)
    card = client.get("/services/claude/card/")
    assert "frame-ancestors *" in card["Content-Security-Policy"]
    assert "X-Frame-Options" not in card
    assert "<script" not in card.content.decode()
    assert client.get("/services/claude/").headers["X-Frame-Options"] == "DENY"
