"""Partitions are made ahead of time and dropped by age."""

from datetime import UTC, date, datetime

import pytest

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
