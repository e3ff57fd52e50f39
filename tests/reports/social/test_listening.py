"""Listening to real websocket servers: what is taken, and what a lost connection costs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
import structlog
from prometheus_client import REGISTRY

from reports import bans
from reports.models import Report
from reports.models.moderation import BanKind
from reports.social import listening
from reports.trail import Doing
from tests.flow.waiting import wait_until
from tests.reports.social.streams import (
    JETSTREAM,
    MASTODON,
    Played,
    bluesky,
    mastodon,
    playing,
)

pytestmark = pytest.mark.usefixtures("committed")


@contextmanager
def listening_to(*streams: Played) -> Iterator[None]:
    """The listener's threads, stopped at the end."""
    stop = threading.Event()
    addresses = [one.address for one in streams]
    thread = threading.Thread(target=listening.listen, args=[addresses, stop])
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests wait for conditions, not for pauses that spare a server."""
    monkeypatch.setattr(listening, "FIRST_PAUSE_SECONDS", 0.01)


def heard(outcome: str, source: str = "bluesky") -> float:
    """How many messages of a source ended so, in this process."""
    labels = {"source": source, "outcome": outcome}
    return REGISTRY.get_sample_value("outcry_social_posts_total", labels) or 0.0


def test_posts_of_both_networks_become_reports_that_tell_nothing_of_their_authors() -> None:
    with (
        playing(JETSTREAM) as sky,
        playing(MASTODON, token="open sesame") as elephant,
        listening_to(sky, elephant),
    ):
        sky.messages += [bluesky("lunch"), bluesky("is Claude down?", "ada"), bluesky("lunch")]
        elephant.messages += [mastodon("GitHub is down again"), "no event", mastodon("lunch")]
        wait_until(lambda: Report.objects.count() == 2)

    for report in Report.objects.all():
        assert report.channel == "social"
        assert (report.region_id, report.region_source) == ("", "none")
        assert report.problem_type_id is None
        assert report.fingerprint != report.network
    assert {report.service.slug for report in Report.objects.all()} == {"claude", "github"}
    assert sky.asked[0]["wantedCollections"] == ["app.bsky.feed.post"]
    assert elephant.asked[0]["stream"] == ["public"]
    assert (sky.tokens[0], elephant.tokens[0]) == (None, "Bearer open sesame")


def test_an_author_counts_once_in_a_window_and_everybody_counts() -> None:
    with playing(JETSTREAM) as sky:
        sky.messages += [bluesky("Claude is down", "ada"), bluesky("Claude still down", "ada")]
        sky.messages += [bluesky("Claude is down", f"reader-{n}") for n in range(20)]
        repeats = heard("repeat")
        with listening_to(sky):
            wait_until(lambda: Report.objects.count() == 21)
    assert heard("repeat") == repeats + 1
    assert len(set(Report.objects.values_list("fingerprint", flat=True))) == 21


def test_a_lost_connection_goes_on_where_it_was_and_takes_no_post_twice() -> None:
    with playing(JETSTREAM) as sky:
        at = datetime.now(UTC)
        sky.messages += [bluesky("Claude is down", at=at), bluesky("GitHub is down", at=at)]
        sky.cut_after = {0: 1, 1: 2}
        again = heard("again")
        with listening_to(sky):
            wait_until(lambda: len(sky.asked) == 3 and heard("again") >= again + 3)

    first, second, third = (int(asked["cursor"][0]) for asked in sky.asked)
    made = int(at.timestamp() * 1_000_000)
    assert first < second == third
    assert abs(second - (made - 5_000_000)) <= 1
    assert Report.objects.count() == 2


def test_an_old_post_is_no_news() -> None:
    with playing(JETSTREAM) as sky:
        old = datetime.now(UTC) - timedelta(minutes=6)
        sky.messages += [bluesky("Claude is down", at=old), bluesky("GitHub is down")]
        late = heard("late")
        with listening_to(sky):
            wait_until(lambda: Report.objects.count() == 1)
    assert Report.objects.get().service.slug == "github"
    assert heard("late") == late + 1
    newest = REGISTRY.get_sample_value(
        "outcry_social_heard_timestamp_seconds", {"source": "bluesky"}
    )
    assert newest is not None
    assert newest > (old + timedelta(minutes=5)).timestamp()


def test_a_banned_author_is_not_taken() -> None:
    with playing(JETSTREAM) as sky:
        sky.messages.append(bluesky("Claude is down", "ada"))
        with listening_to(sky):
            wait_until(Report.objects.exists)
        report = Report.objects.get()
        now = datetime.now(UTC)
        doing = Doing(None, "a robot", now)
        # Of its author alone: there is no network behind it.
        bans.ban(report.id, BanKind.NETWORK, timedelta(hours=1), doing)
        bans.forget()
        sky.messages[:] = [bluesky("GitHub is down", "ada"), bluesky("GitHub is down", "eve")]
        with listening_to(sky):
            wait_until(lambda: Report.objects.count() == 2)
    assert sorted(Report.objects.values_list("service__slug", flat=True)) == ["claude", "github"]


def test_no_text_and_no_author_is_ever_logged() -> None:
    with playing(JETSTREAM) as sky, structlog.testing.capture_logs() as logs:
        sky.messages += [bluesky("Claude is down", "ada"), "{broken Claude", bluesky("x" * 9)]
        sky.cut_after = {0: 3}
        with listening_to(sky):
            wait_until(lambda: len(sky.asked) > 1)
    assert {entry["event"] for entry in logs} == {"stream.lost"}
    assert {key for entry in logs for key in entry} == {
        *("event", "log_level", "source", "error", "status")
    }


def test_a_server_that_refuses_is_asked_again() -> None:
    labels = {"source": "mastodon", "outcome": "lost"}

    def lost() -> float:
        return REGISTRY.get_sample_value("outcry_social_connections_total", labels) or 0.0

    before = lost()
    with playing(MASTODON) as elephant:
        gone = elephant.address
    with listening_to(Played(gone)):
        wait_until(lambda: lost() >= before + 3)


def test_what_could_not_be_stored_is_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.writing.LOCK", "SELECT 1/0 -- %(keys)s")
    with playing(JETSTREAM) as sky:
        sky.messages.append(bluesky("Claude is down"))
        with listening_to(sky):
            wait_until(lambda: len(sky.asked) > 1)
            assert not Report.objects.exists()
            monkeypatch.undo()
            wait_until(Report.objects.exists)
    assert Report.objects.count() == 1
