"""Public posts on the pages and in the API: beside the Reports, and only where some are read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.test import Client, override_settings

from aggregator.models.picture import Verdict
from reports.social.addresses import addresses
from tests.aggregator.crowds import told
from tests.readable import make_status

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _some_posts() -> None:
    make_status("claude", Verdict.OK)
    minute = int(NOW.timestamp() // 60)
    told("claude", minute - 10, 30)
    told("claude", minute - 20, 4)
    told("claude", minute - 90, 100)


@contextmanager
def reading() -> Iterator[None]:
    """A site that listens."""
    streams = addresses("wss://jet.example/subscribe")
    with override_settings(ENV=replace(settings.ENV, social_streams=streams)):
        yield


def text(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def test_posts_of_the_last_hour_are_shown_beside_the_reports(client: Client) -> None:
    with reading():
        assert "+ 34 public posts in an hour" in text(client, "/services/claude/")
        assert "public post" not in text(client, "/services/github/")
        assert client.get("/api/v1/services/claude").json()["public_posts"] == 34
        assert client.get("/api/v1/services/github").json()["public_posts"] == 0
        assert "Bluesky" in text(client, "/privacy/")


def test_a_site_that_reads_none_says_nothing_of_posts(client: Client) -> None:
    assert "public post" not in text(client, "/services/claude/")
    assert client.get("/api/v1/services/claude").json()["public_posts"] is None
    assert "Bluesky" not in text(client, "/privacy/")


def test_posts_are_in_no_other_number(client: Client) -> None:
    with reading():
        since = (NOW - timedelta(hours=2)).isoformat()
        answer = client.get("/api/v1/services/claude/series", {"step": "1m", "from": since})
    assert {point["count"] for point in answer.json()["points"]} == {0}
