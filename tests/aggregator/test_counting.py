"""Counting takes every Report exactly once, in whatever order transactions end."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection, connections, transaction
from pytest_django import DjangoAssertNumQueries

from aggregator import counting
from aggregator.counting import CountingResult
from aggregator.models import CountingMark, HourCount, MinuteCount, QuarterCount
from reports.models import Report
from tests import factories
from tests.aggregator.truth import assert_counts_are_true, reject

pytestmark = pytest.mark.usefixtures("committed")
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture(autouse=True)
def _counted_before(committed: None) -> None:
    """Most of a site's life comes after its first count."""
    count()


def count(now: datetime | None = None) -> CountingResult:
    result = counting.count(now or datetime.now(UTC))
    assert result
    return result


def copy_report(session: psycopg.Connection, report: Report) -> None:
    """One more Report like another, in the session's open transaction."""
    session.execute(
        "INSERT INTO reports_report SELECT gen_random_uuid(), received_at, service_id, region_id,"
        " problem_type_id, region_source, channel, fingerprint, network"
        " FROM reports_report WHERE id = %s",
        [report.id],
    )


def test_count_adds_the_same_reports_to_all_three_tables() -> None:
    for second in (0, 59, 60):
        at = NOON + timedelta(seconds=second)
        factories.make_report(at=at, region="US-CA", problem_type="api")
    factories.make_report(at=NOON + timedelta(minutes=14))
    factories.make_report(at=NOON + timedelta(minutes=15))
    factories.make_report("noise", at=NOON)

    assert count().counted == 6

    claude = {"service__slug": "claude"}
    assert list(
        MinuteCount.objects.filter(**claude)
        .order_by("start")
        .values_list("start", "region", "problem_type__slug", "count")
    ) == [
        (NOON, "US-CA", "api", 2),
        (NOON + timedelta(minutes=1), "US-CA", "api", 1),
        (NOON + timedelta(minutes=14), "", None, 1),
        (NOON + timedelta(minutes=15), "", None, 1),
    ]
    assert list(
        QuarterCount.objects.filter(**claude)
        .order_by("start", "region")
        .values_list("start", "region", "count")
    ) == [(NOON, "", 1), (NOON, "US-CA", 3), (NOON + timedelta(minutes=15), "", 1)]
    assert sorted(HourCount.objects.filter(**claude).values_list("region", "count")) == [
        ("", 2),
        ("US-CA", 3),
    ]


def test_second_count_adds_nothing() -> None:
    factories.make_report(at=NOON, problem_type="api")
    factories.make_report(at=NOON)
    assert [count().counted, count().counted] == [2, 0]
    assert_counts_are_true()


def test_later_reports_of_a_minute_are_added_to_its_count() -> None:
    for _ in range(3):
        factories.make_report(at=NOON)
        factories.make_report(at=NOON, problem_type="api")
        count()
    assert sorted(MinuteCount.objects.values_list("count", flat=True)) == [3, 3]
    assert_counts_are_true()


def test_report_whose_transaction_ends_late_is_counted_then(other: psycopg.Connection) -> None:
    first = factories.make_report(at=NOON)
    copy_report(other, first)
    factories.make_report(at=NOON)
    # The other session's transaction is older than the last Report's, which must wait for it.
    assert count().counted == 1
    other.commit()
    assert count().counted == 2
    assert_counts_are_true()


def test_report_that_is_rolled_back_is_never_counted(other: psycopg.Connection) -> None:
    first = factories.make_report(at=NOON)
    copy_report(other, first)
    other.rollback()
    assert count().counted == 1
    assert_counts_are_true()


def test_counted_until_stays_before_reports_that_wait(other: psycopg.Connection) -> None:
    before = count().counted_until
    other.execute("SELECT pg_current_xact_id()")
    received = datetime.now(UTC) - timedelta(seconds=1)
    waiting = factories.make_report(at=received)
    later = datetime.now(UTC) + timedelta(minutes=5)
    stalled = count(later)
    assert stalled.counted == 0
    assert before < stalled.counted_until <= waiting.received_at
    other.commit()
    assert count(later).counted == 1


def test_counted_until_passes_neither_now_nor_the_clock() -> None:
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    CountingMark.objects.update(counted_until=an_hour_ago - timedelta(hours=1))
    assert count(an_hour_ago).counted_until == an_hour_ago - counting.SETTLING
    in_an_hour = datetime.now(UTC) + timedelta(hours=1)
    assert count(in_an_hour).counted_until < datetime.now(UTC)


def test_counted_until_never_goes_back() -> None:
    latest = count().counted_until
    assert count(latest - timedelta(hours=1)).counted_until == latest


def test_second_counter_leaves_at_once_while_one_counts(other: psycopg.Connection) -> None:
    other.execute("SELECT FROM aggregator_countingmark FOR UPDATE")
    factories.make_report()
    assert counting.count(datetime.now(UTC)) is None
    other.rollback()
    assert count().counted == 1


def test_large_backlog_is_taken_in_pieces_of_whole_transactions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(counting, "BATCH_REPORTS", 3)
    for _ in range(2):
        factories.make_report(at=NOON)
    with transaction.atomic():
        for _ in range(5):
            factories.make_report(at=NOON)
    factories.make_report(at=NOON)
    until = CountingMark.objects.get().counted_until

    first = count()
    assert (first.counted, first.is_behind) == (7, True)
    assert until <= first.counted_until <= max(NOON, until)
    second = count()
    assert (second.counted, second.is_behind) == (1, False)
    assert_counts_are_true()


def test_catch_up_takes_all_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "BATCH_REPORTS", 2)
    for _ in range(7):
        factories.make_report(at=NOON)
    result = counting.catch_up(datetime.now(UTC))
    assert result
    assert not result.is_behind
    assert sum(MinuteCount.objects.values_list("count", flat=True)) == 7


def test_catch_up_stops_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "BATCH_REPORTS", 1)
    for _ in range(7):
        factories.make_report(at=NOON)
    clock = iter([0.0, 1.0, counting.CATCH_UP_SECONDS + 1.0])
    counting.catch_up(datetime.now(UTC), lambda: next(clock))
    assert sum(MinuteCount.objects.values_list("count", flat=True)) == 2


def test_days_without_a_partition_get_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE aggregator_minutecount_{NOON:%Y%m%d}")
    factories.make_report(at=NOON)
    assert count().counted == 1
    assert_counts_are_true()


# -- the revision ----------------------------------------------------------------------------


def test_revision_rises_only_when_a_minute_already_shown_changed() -> None:
    def revision() -> int:
        return CountingMark.objects.get().revision

    count()
    before = revision()
    report = factories.make_report()
    count()
    assert revision() == before
    factories.make_report(at=datetime.now(UTC) - timedelta(minutes=10))
    count()
    assert revision() == before + 1
    count()
    assert revision() == before + 1
    Report.objects.filter(pk=report.pk).update(received_at=report.received_at)
    reject(factories.make_report(at=datetime.now(UTC) - timedelta(minutes=20)))
    count()
    assert revision() == before + 1, "a Report that never counted changes nothing"


# -- another cluster -------------------------------------------------------------------------


def test_counts_are_made_anew_after_a_move_to_another_cluster() -> None:
    counted = [factories.make_report(at=NOON), factories.make_report(at=NOON)]
    count()
    waiting = factories.make_report(at=NOON)
    # As if restored from a cluster far ahead: none of these ids has been used here.
    far = {counted[0]: 9_000_000_000, counted[1]: 2, waiting: 9_000_000_001}
    for report, number in far.items():
        Report.objects.filter(pk=report.pk).update(transaction=number)
    CountingMark.objects.update(cluster=1, transaction=9_000_000_001)
    rejected = factories.make_report(at=NOON)
    reject(rejected)

    count()
    assert_counts_are_true()
    assert MinuteCount.objects.get().count == 3
    factories.make_report(at=NOON)
    assert count().counted == 1
    assert_counts_are_true()
    assert not Report.objects.filter(transaction__in=["9000000000"]).exists()


def test_first_count_takes_what_is_there() -> None:
    CountingMark.objects.all().delete()
    factories.make_report(at=NOON)
    count()
    assert_counts_are_true()
    assert MinuteCount.objects.get().count == 1


# -- at once ---------------------------------------------------------------------------------


def write_and_reject() -> None:
    for number in range(60):
        report = factories.make_report(at=NOON + timedelta(seconds=number))
        if number % 7 == 0:
            reject(report)


def in_own_session(work: Callable[[], None]) -> None:
    try:
        work()
    finally:
        connections.close_all()


def test_counters_and_writers_at_once_lose_and_double_nothing() -> None:
    written = threading.Event()

    def keep_counting() -> None:
        while not written.is_set():
            counting.count(datetime.now(UTC))

    with ThreadPoolExecutor() as pool:
        counters = [pool.submit(in_own_session, keep_counting) for _ in range(2)]
        writers = [pool.submit(in_own_session, write_and_reject) for _ in range(3)]
        wait(writers)
        written.set()
        assert [future.exception() for future in writers + counters] == [None] * 5
    count()
    assert_counts_are_true()
    assert MinuteCount.objects.get().count == 3 * (60 - 9)


def test_idle_count_costs_few_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    # Missing partitions, lock, bounds, add, stale buckets, mark; and BEGIN and COMMIT.
    with django_assert_num_queries(8):
        count()
