"""What is too old goes, what is to come has room; any number of times."""

from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from django.db import OperationalError, connection

from reports import partitions, tasks
from reports.models import DailyKey, IntakeMinute
from reports.retention import retire
from reports.writing import COMMENTS, TABLE
from tests.factories import make_report

NOW = datetime(2031, 6, 30, 12, tzinfo=UTC)


@pytest.mark.django_db
def test_old_partitions_are_dropped_and_new_ones_made() -> None:
    for table in (TABLE, COMMENTS):
        partitions.ensure(table, date(2031, 5, 30), date(2031, 5, 31))
    kept = make_report(at=datetime(2031, 5, 31, tzinfo=UTC))
    make_report(at=datetime(2031, 5, 30, 23, 59, tzinfo=UTC))
    retired = retire(NOW)
    assert {"reports_report_20310530", "reports_comment_20310530"} <= set(retired.dropped)
    assert retired.made[-1] == "reports_report_20310707"
    assert partitions.days(TABLE)[0] == partitions.days(COMMENTS)[0] == date(2031, 5, 31)
    kept.refresh_from_db()


@pytest.mark.django_db
def test_second_round_finds_nothing_to_do() -> None:
    retire(NOW)
    again = retire(NOW)
    assert (again.made, again.dropped, again.keys, again.heartbeats) == ([], [], 0, 0)


@pytest.mark.django_db
def test_keys_of_today_and_two_days_before_are_kept() -> None:
    for days in range(5):
        DailyKey.objects.create(day=NOW.date() - timedelta(days=days), key=b"x" * 32)
    assert retire(NOW).keys == 2
    assert DailyKey.objects.earliest("day").day == date(2031, 6, 28)


@pytest.mark.django_db
def test_heartbeats_are_kept_for_ninety_days() -> None:
    for days in (89, 90, 91):
        IntakeMinute.objects.create(minute=NOW - timedelta(days=days))
    retire(NOW)
    kept = IntakeMinute.objects.filter(minute__lte=NOW).values_list("minute", flat=True)
    assert set(kept) == {NOW - timedelta(days=days) for days in (89, 90)}


@pytest.mark.django_db
def test_task_does_a_round() -> None:
    tasks.retire()
    assert partitions.days(TABLE)[-1] >= datetime.now(UTC).date()


@pytest.mark.usefixtures("committed")
def test_long_reader_stops_neither_new_partitions_nor_writers_but_a_drop_gives_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(partitions, "PATIENCE_MILLISECONDS", 50)
    partitions.ensure(TABLE, date(2001, 1, 1), date(2001, 1, 1))
    with psycopg.connect(**connection.get_connection_params()) as reader:
        reader.execute("SELECT count(*) FROM reports_report")
        assert partitions.ensure(TABLE, date(2001, 1, 2), date(2001, 1, 2))
        make_report(at=datetime(2001, 1, 2, tzinfo=UTC))
        with pytest.raises(OperationalError):
            partitions.drop_before(TABLE, date(2001, 1, 2))
    assert partitions.drop_before(TABLE, date(2001, 1, 3)) == [
        "reports_report_20010101",
        "reports_report_20010102",
    ]
