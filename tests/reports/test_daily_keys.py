"""Each day has one random key for all processes; yesterday's counts for one window more."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from reports import daily_keys
from reports.models import DailyKey

MIDNIGHT = datetime(2026, 3, 18, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _nothing_known() -> Iterator[None]:
    daily_keys.forget()
    yield
    daily_keys.forget()


@pytest.mark.django_db
def test_yesterdays_key_is_known_for_one_window_after_midnight() -> None:
    yesterday = daily_keys.at(MIDNIGHT - timedelta(seconds=1))
    assert yesterday.yesterday is None
    for after in (timedelta(0), timedelta(minutes=59, seconds=59)):
        assert daily_keys.at(MIDNIGHT + after).yesterday == yesterday.today
    assert daily_keys.at(MIDNIGHT + timedelta(minutes=60)).yesterday is None


@pytest.mark.django_db
def test_days_differ_and_a_day_stays_the_same() -> None:
    first = daily_keys.at(MIDNIGHT + timedelta(hours=12))
    daily_keys.forget()
    assert daily_keys.at(MIDNIGHT + timedelta(hours=13)) == first
    assert daily_keys.at(MIDNIGHT + timedelta(hours=36)).today != first.today
    assert {row.day for row in DailyKey.objects.all()} == {date(2026, 3, 18), date(2026, 3, 19)}


@pytest.mark.django_db
def test_process_asks_the_database_once_a_day_and_forgets_old_keys() -> None:
    noon = MIDNIGHT + timedelta(hours=12)
    first = daily_keys.at(noon)
    DailyKey.objects.all().delete()
    assert daily_keys.at(noon) == first
    daily_keys.at(noon + timedelta(days=2))
    assert daily_keys.at(noon) != first


@pytest.mark.usefixtures("committed")
def test_threads_that_ask_at_once_get_the_same_key() -> None:
    def stored(_: int) -> bytes:
        try:
            return daily_keys._stored(MIDNIGHT.date())
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(stored, range(16)))) == 1
