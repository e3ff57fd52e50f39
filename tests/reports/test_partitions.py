"""Partitions are made ahead of time and dropped by age."""

from datetime import UTC, date, datetime

import psycopg
import pytest
from django.db import OperationalError, connection

from reports import partitions

TABLE = "reports_report"


@pytest.mark.django_db
def test_ensure_makes_each_missing_day_once() -> None:
    first, last = date(2031, 1, 30), date(2031, 2, 2)
    assert partitions.ensure(TABLE, first, last) == [
        "reports_report_20310130",
        "reports_report_20310131",
        "reports_report_20310201",
        "reports_report_20310202",
    ]
    assert partitions.ensure(TABLE, first, last) == []


@pytest.mark.django_db
def test_ensure_ahead_reaches_from_yesterday_to_a_week_ahead() -> None:
    made = partitions.ensure_ahead(TABLE, datetime(2032, 5, 10, 23, 59, tzinfo=UTC))
    assert made[0] == "reports_report_20320509"
    assert made[-1] == "reports_report_20320517"
    assert len(made) == 9


@pytest.mark.django_db
def test_drop_before_keeps_the_first_kept_day() -> None:
    partitions.ensure(TABLE, date(2001, 1, 1), date(2001, 1, 3))
    dropped = partitions.drop_before(TABLE, date(2001, 1, 3))
    assert dropped == ["reports_report_20010101", "reports_report_20010102"]
    assert partitions.days(TABLE)[0] == date(2001, 1, 3)


@pytest.mark.django_db
def test_days_missing_are_those_the_other_table_has() -> None:
    counts = "aggregator_minutecount"
    partitions.ensure(TABLE, date(2001, 1, 1), date(2001, 1, 3))
    partitions.ensure(counts, date(2001, 1, 2), date(2001, 1, 2))
    assert partitions.days_missing(counts, like=TABLE) == [date(2001, 1, 1), date(2001, 1, 3)]


def test_a_long_read_stops_no_making_and_is_not_waited_for(committed: None) -> None:
    options = connection.settings_dict
    place = f"dbname={options['NAME']} user={options['USER']} host={options['HOST']}"
    day = date(2001, 1, 1)
    with psycopg.connect(place) as reader:
        reader.execute("LOCK TABLE reports_report IN ROW EXCLUSIVE MODE")
        assert partitions.ensure(TABLE, day, day)
        with pytest.raises(OperationalError):
            partitions.drop_before(TABLE, date(2001, 1, 2))
    assert partitions.drop_before(TABLE, date(2001, 1, 2)) == ["reports_report_20010101"]
