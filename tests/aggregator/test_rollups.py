"""The Minutes' partitions follow the Reports', and go when they are old enough."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from django.conf import settings

from aggregator import rollups
from aggregator.models import HourCount, MinuteCount, QuarterCount
from aggregator.steps import MINUTE
from reports import partitions
from tests import factories

pytestmark = pytest.mark.django_db
TABLE = "aggregator_minutecount"
NOW = datetime(2031, 5, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _no_other_days() -> None:
    """Only the partitions that a test makes."""
    for table in (TABLE, "reports_report"):
        partitions.drop_before(table, date.max)


def test_partitions_are_made_from_yesterday_to_a_week_ahead() -> None:
    assert rollups.keep_partitions(NOW) == []
    days = partitions.days(TABLE)
    assert (days[0], days[-1]) == (date(2031, 5, 9), date(2031, 5, 17))


def test_minutes_past_their_retention_go_and_longer_spans_stay() -> None:
    oldest_kept = NOW.date() - timedelta(days=settings.ENV.minute_retention_days)
    partitions.ensure(TABLE, oldest_kept - timedelta(days=1), oldest_kept)
    for model in (MinuteCount, QuarterCount, HourCount):
        for age in (0, 1):
            start = NOW - timedelta(days=settings.ENV.minute_retention_days + age)
            model.objects.create(
                start=start, service=factories.service("aws"), region_id="", count=1
            )
    gone = rollups.keep_partitions(NOW)
    assert gone == [partitions.name(TABLE, oldest_kept - timedelta(days=1))]
    assert [m.objects.count() for m in (MinuteCount, QuarterCount, HourCount)] == [1, 2, 2]


def test_minutes_stay_as_long_as_the_reports_they_count(monkeypatch: pytest.MonkeyPatch) -> None:
    env = settings.ENV
    longer = env.minute_retention_days + 10
    monkeypatch.setattr(settings, "ENV", replace(env, report_retention_days=longer))
    oldest_kept = NOW.date() - timedelta(days=longer)
    partitions.ensure(TABLE, oldest_kept, oldest_kept)
    assert rollups.keep_partitions(NOW) == []


def test_days_of_reports_get_a_partition_of_minutes() -> None:
    partitions.ensure("reports_report", date(2031, 5, 1), date(2031, 5, 2))
    rollups.follow_reports()
    rollups.follow_reports()
    assert partitions.days(TABLE) == [date(2031, 5, 1), date(2031, 5, 2)]


def test_recount_of_nothing_changes_nothing() -> None:
    nothing = rollups.Spans(frozenset(), MINUTE.width)
    assert rollups.recount(nothing, 1) == rollups.Change(0, None)
