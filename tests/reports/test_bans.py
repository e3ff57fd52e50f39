"""Bans follow their sender over midnight without an address, are told, and are undone."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from reports import bans, comments, daily_keys, intake, retention, undoing, votes
from reports.bans import BannedError
from reports.intake import InvalidReportError, Line, Statement
from reports.models import ApiKey, Ban, ModerationEntry, Report
from reports.models.moderation import BanKind
from reports.models.report import Channel
from reports.submission import UnavailableError
from reports.trail import Doing, NotUndoableError

pytestmark = pytest.mark.usefixtures("committed")
NOW = datetime.now(UTC).replace(hour=12, minute=0)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    """The clock begins at `NOW` in each test, however long ago the file was read."""
    with time_machine.travel(NOW, tick=True):
        yield


def person(number: int, network: int = 2) -> Mapping[str, str]:
    """The environment of a request of somebody."""
    return {"REMOTE_ADDR": f"192.0.{network}.{number}"}


def say(meta: Mapping[str, str], at: datetime = NOW) -> Report:
    """A Report of somebody."""
    bans.forget()
    receipt = intake.receive(Statement("claude"), meta, channel=Channel.API, now=at)
    return Report.objects.get(id=receipt.id)


def doing(at: datetime = NOW) -> Doing:
    """Somebody's act."""
    alice, _ = User.objects.get_or_create(username="alice")
    return Doing(alice, "a campaign", at)


def banned(meta: Mapping[str, str], at: datetime = NOW) -> bool:
    """Whether a Report of somebody is refused."""
    bans.forget()
    try:
        with time_machine.travel(at, tick=False):
            intake.receive(Statement("claude"), meta, channel=Channel.API, now=at)
    except BannedError:
        return True
    return False


def test_banned_reporter_is_told_and_their_neighbour_is_not() -> None:
    bans.ban(say(person(1)).id, BanKind.FINGERPRINT, timedelta(hours=3), doing())
    assert banned(person(1), NOW + timedelta(minutes=5))
    assert not banned(person(2), NOW + timedelta(minutes=5))
    assert not banned(person(1), NOW + timedelta(hours=3))


def test_banned_network_is_refused_whole() -> None:
    bans.ban(say(person(1)).id, BanKind.NETWORK, timedelta(hours=3), doing())
    assert banned(person(2))
    assert not banned(person(2, network=3))


def test_ban_of_days_follows_who_comes_back_over_midnight() -> None:
    bans.ban(say(person(1)).id, BanKind.FINGERPRINT, timedelta(days=5), doing())
    # Met once on the day after, under yesterday's key; from then on under the ban's own.
    assert banned(person(1), NOW + DAY)
    assert Ban.objects.get().own_hash is not None
    for days in (2, 3, 4):
        retention.retire(NOW + days * DAY)
        daily_keys.forget()
        assert banned(person(1), NOW + days * DAY)
    assert not banned(person(1), NOW + 5 * DAY)


def test_ban_of_who_stays_away_lapses_with_the_days_key() -> None:
    bans.ban(say(person(1)).id, BanKind.FINGERPRINT, timedelta(days=5), doing())
    retention.retire(NOW + 3 * DAY)
    daily_keys.forget()
    assert not banned(person(1), NOW + 3 * DAY)


def test_no_address_and_no_key_of_the_day_is_in_a_ban() -> None:
    bans.ban(say(person(77)).id, BanKind.FINGERPRINT, timedelta(days=5), doing())
    assert banned(person(77))
    with connection.cursor() as cursor:
        cursor.execute("SELECT ban::text, key.key::text FROM reports_ban ban, reports_dailykey key")
        ban, key = cursor.fetchone()
    assert "192.0.2.77" not in ban
    assert "c000024d" not in ban
    assert key not in ban


def test_lifting_and_undoing_work_both_ways() -> None:
    entry = bans.ban(say(person(1)).id, BanKind.FINGERPRINT, timedelta(hours=3), doing())
    undoing.undo(entry, doing(NOW + timedelta(minutes=1)))
    assert not banned(person(1))
    undoing.undo(ModerationEntry.objects.get(act="unban"), doing(NOW + timedelta(minutes=2)))
    assert banned(person(1), NOW + timedelta(minutes=3))
    with pytest.raises(NotUndoableError):
        bans.lift(Ban.objects.get().pk, doing(NOW + 2 * DAY))


@pytest.mark.parametrize("length", [timedelta(0), timedelta(days=15), -DAY])
def test_ban_without_a_sensible_end_is_refused(length: timedelta) -> None:
    with pytest.raises(ValueError, match="at most 14 days"):
        bans.ban(say(person(1)).id, BanKind.NETWORK, length, doing())
    assert not Ban.objects.exists()


def test_every_door_is_shut_with_an_answer_never_a_fault(client: Client) -> None:
    at = datetime.now(UTC)
    said = intake.receive(
        Statement("claude", comment="rude"), person(9), channel=Channel.API, now=at
    )
    report = say({"REMOTE_ADDR": "127.0.0.1"}, at)
    bans.ban(report.id, BanKind.FINGERPRINT, timedelta(hours=1), doing(at))
    bans.forget()
    body = {"service": "claude"}
    answer = client.post("/api/v1/reports", body, content_type="application/json")
    assert answer.status_code == 403
    assert "until" in answer.json()["detail"]
    own = {"sec-fetch-site": "same-origin"}
    assert client.post("/services/claude/report", {}, headers=own).status_code == 403
    assert client.post("/services/claude/works", {}, headers=own).status_code == 403
    flag = f"/services/claude/comments/{said.id}/flag"
    assert client.post(flag, headers=own).status_code == 403
    with pytest.raises(BannedError):
        comments.flag(said.id, "claude", {"REMOTE_ADDR": "127.0.0.1"}, at)
    with pytest.raises(BannedError):
        votes.cast("claude", {"REMOTE_ADDR": "127.0.0.1"}, at)


def test_reporter_of_a_bulk_sender_is_banned_alone() -> None:
    key = ApiKey.objects.create(name="bot", prefix="x", digest=b"x" * 32, created_at=NOW)

    def send(*names: str) -> list[object]:
        bans.forget()
        lines: list[Line | InvalidReportError] = [
            Line(Statement("claude"), reporter=name, network=name) for name in names
        ]
        return list(intake.receive_many(lines, key.pk, NOW))

    (receipt,) = send("mallory")
    assert not isinstance(receipt, BannedError | InvalidReportError | UnavailableError)
    bans.ban(Report.objects.get().id, BanKind.FINGERPRINT, timedelta(hours=1), doing())
    first, second = send("mallory", "alice")
    assert isinstance(first, BannedError)
    assert not isinstance(second, BannedError)


def test_ended_bans_go_with_their_keys() -> None:
    bans.ban(say(person(1)).id, BanKind.FINGERPRINT, timedelta(hours=1), doing())
    assert bans.forget_ended(NOW + timedelta(hours=2)) == 0
    assert bans.forget_ended(NOW + timedelta(hours=26)) == 1
    assert ModerationEntry.objects.filter(act="ban").exists()
