"""What moderators change is counted again, whenever they change it."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection

from aggregator import counting
from aggregator.counting import CountingResult
from aggregator.models import HourCount, MinuteCount, QuarterCount
from reports import partitions
from reports.models import StaleBucket
from tests import factories
from tests.aggregator.truth import assert_counts_are_true, reject, restore

pytestmark = pytest.mark.usefixtures("committed")
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture(autouse=True)
def _counted_before(committed: None) -> None:
    """Most of a site's life comes after its first count."""
    count()


def count() -> CountingResult:
    result = counting.count(datetime.now(UTC))
    assert result
    return result


def test_rejected_report_is_taken_out_of_the_counts() -> None:
    kept, rejected = factories.make_report(at=NOON), factories.make_report(at=NOON)
    count()
    reject(rejected)
    assert count().recounted == 3
    assert MinuteCount.objects.get().count == HourCount.objects.get().count == 1
    assert not StaleBucket.objects.exists()
    reject(kept)
    count()
    assert not MinuteCount.objects.exists()
    assert not QuarterCount.objects.exists()
    assert_counts_are_true()


def test_restored_report_is_counted_again() -> None:
    report = factories.make_report(at=NOON, problem_type="api")
    reject(report)
    assert count().counted == 0
    restore(report)
    count()
    assert_counts_are_true()
    assert MinuteCount.objects.get().count == 1


def test_report_rejected_before_it_was_counted_is_not_taken_off_twice() -> None:
    factories.make_report(at=NOON)
    rejected = factories.make_report(at=NOON)
    reject(rejected)
    count()
    assert MinuteCount.objects.get().count == 1
    assert_counts_are_true()


def test_rejection_that_ends_after_counting_read_is_seen_by_the_next(
    other: psycopg.Connection,
) -> None:
    report = factories.make_report(at=NOON)
    other.execute("UPDATE reports_report SET rejected_at = now()")
    other.execute(
        "INSERT INTO reports_stalebucket (service_id, region_id, problem_type_id, minute)"
        " VALUES (%s, '', NULL, %s)",
        [report.service_id, NOON],
    )
    count()
    other.commit()
    count()
    assert not MinuteCount.objects.exists()
    assert_counts_are_true()


def test_recount_leaves_reports_beyond_the_mark_to_the_next_count(
    other: psycopg.Connection,
) -> None:
    rejected = factories.make_report(at=NOON)
    count()
    other.execute("SELECT pg_current_xact_id()")
    factories.make_report(at=NOON)
    reject(rejected)
    count()
    assert not MinuteCount.objects.exists()
    other.commit()
    count()
    assert_counts_are_true()
    assert MinuteCount.objects.get().count == 1


def test_many_stale_buckets_are_taken_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "BATCH_MINUTES", 2)
    reports = [factories.make_report(at=NOON + timedelta(minutes=n)) for n in range(3)]
    count()
    reject(*reports)
    assert count().is_behind
    assert not count().is_behind
    assert not MinuteCount.objects.exists()


def test_counts_of_expired_reports_stay() -> None:
    report = factories.make_report(at=NOON)
    count()
    reject(report)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE reports_report_{NOON:%Y%m%d}")
    try:
        assert count().recounted == 0
        assert MinuteCount.objects.get().count == 1
    finally:
        partitions.ensure("reports_report", NOON.date(), NOON.date())
