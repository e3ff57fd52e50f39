"""Votes of "works for me": once a person and window, counted, never a Report."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, connections

from reports import partitions, tasks, turnstile, votes
from reports.models import Report, Service, Vote, VoteCount
from reports.submission import UnavailableError
from reports.throttles import ThrottledError

pytestmark = pytest.mark.usefixtures("committed")
HOUR = timedelta(hours=1)
# Half past: its window of an hour began thirty minutes ago.
NOW = datetime.now(UTC).replace(minute=30, second=0, microsecond=0)


def person(number: int) -> dict[str, str]:
    """The environment of a request of somebody."""
    return {"REMOTE_ADDR": f"192.0.2.{number}"}


def test_vote_is_counted_and_is_no_report(claude: Service) -> None:
    assert votes.cast("claude", person(1), NOW)
    assert votes.cast("claude", person(2), NOW)
    assert votes.recent(claude.pk, NOW) == 2
    assert not Report.objects.exists()
    assert {bytes(row.fingerprint) for row in Vote.objects.all()}.isdisjoint({b"192.0.2.1"})


def test_second_vote_of_a_person_is_not_counted(claude: Service) -> None:
    assert votes.cast("claude", person(1), NOW)
    assert not votes.cast("claude", person(1), NOW + timedelta(minutes=5))
    # Also where a new window has begun meanwhile.
    assert not votes.cast("claude", person(1), NOW + timedelta(minutes=35))
    assert votes.recent(claude.pk, NOW + timedelta(minutes=35)) == 1
    assert votes.cast("claude", person(1), NOW + timedelta(minutes=61))


def test_vote_for_one_service_says_nothing_of_another() -> None:
    assert votes.cast("claude", person(1), NOW)
    assert votes.cast("github", person(1), NOW)
    assert sorted(VoteCount.objects.values_list("service__slug", "count")) == [
        ("claude", 1),
        ("github", 1),
    ]


def test_person_known_by_yesterdays_hash_is_the_same_over_midnight(claude: Service) -> None:
    midnight = NOW.replace(hour=0, minute=0)
    assert votes.cast("claude", person(1), midnight - timedelta(minutes=10))
    assert not votes.cast("claude", person(1), midnight + timedelta(minutes=10))


def test_same_vote_many_times_at_once_counts_once(claude: Service) -> None:
    def vote(_: int) -> bool:
        try:
            return votes.cast("claude", person(1), NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(vote, range(24))) == 1
    assert votes.recent(claude.pk, NOW) == 1


def test_many_people_at_once_are_all_counted(claude: Service) -> None:
    def vote(number: int) -> bool:
        try:
            return votes.cast("claude", person(number), NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(vote, range(1, 101)))
    assert votes.recent(claude.pk, NOW) == 100


def test_recent_votes_are_those_of_an_hour(claude: Service) -> None:
    for number, minutes in enumerate((0, 59, 61), start=1):
        votes.cast("claude", person(number), NOW - timedelta(minutes=minutes))
    assert votes.recent(claude.pk, NOW) == 2


def test_unknown_service_takes_no_vote() -> None:
    with pytest.raises(votes.UnknownServiceError):
        votes.cast("nobody", person(1), NOW)
    assert not Vote.objects.exists()


def test_too_many_votes_are_held_back(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def waits(self, fingerprints: list[bytes]) -> list[int]:
            return [17] * len(fingerprints)

    monkeypatch.setattr(turnstile, "_throttle", Full)
    with pytest.raises(ThrottledError) as caught:
        votes.cast("claude", person(1), NOW)
    assert caught.value.wait == 17
    assert not Vote.objects.exists()


def test_vote_without_a_partition_makes_it() -> None:
    later = NOW + timedelta(days=20)
    assert votes.cast("claude", person(1), later)
    assert later.date() in partitions.days(votes.TABLE)


def test_vote_without_a_table_is_unavailable() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE reports_vote RENAME TO elsewhere")
    try:
        with pytest.raises(UnavailableError):
            votes.cast("claude", person(1), NOW)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE elsewhere RENAME TO reports_vote")


def test_old_votes_go_with_their_partitions(claude: Service) -> None:
    old = NOW - timedelta(days=40)
    partitions.ensure(votes.TABLE, old.date(), old.date())
    votes.cast("claude", person(1), old)
    votes.cast("claude", person(2), NOW)
    tasks.retire()
    assert [row.voted_at for row in Vote.objects.all()] == [NOW]
    assert VoteCount.objects.get().minute == NOW
    assert partitions.name(votes.TABLE, old.date()) not in partitions.names(votes.TABLE)
