"""Each Minute that somebody was there to take Reports is noted once a process."""

from datetime import datetime, timedelta

import psycopg
import pytest

from reports.heartbeat import RETRY_SECONDS, Heartbeat
from tests.reports.drafting import NOON


class Notebook:
    """Where beats are written, unless it is torn."""

    def __init__(self) -> None:
        """Empty and whole."""
        self.minutes: list[datetime] = []
        self.is_torn = False

    def beat(self, minute: datetime) -> None:
        """Note a Minute."""
        if self.is_torn:
            raise psycopg.OperationalError
        self.minutes.append(minute)


def test_each_minute_is_written_once() -> None:
    heartbeat, notebook = Heartbeat(), Notebook()
    for seconds in (30, 31, 59, 60, 61, 180):
        heartbeat.beat_if_due(notebook, NOON + timedelta(seconds=seconds))
    assert notebook.minutes == [NOON, NOON + timedelta(minutes=1), NOON + timedelta(minutes=3)]


def test_failed_beat_is_tried_again_soon() -> None:
    heartbeat, notebook = Heartbeat(), Notebook()
    notebook.is_torn = True
    heartbeat.beat_if_due(notebook, NOON)
    assert heartbeat.seconds_until_due(NOON) == RETRY_SECONDS
    notebook.is_torn = False
    heartbeat.beat_if_due(notebook, NOON + timedelta(seconds=RETRY_SECONDS))
    assert notebook.minutes == [NOON]


@pytest.mark.parametrize(("seconds", "wait"), [(0, 60), (15.5, 44.5), (75, 0)])
def test_next_beat_is_due_with_the_next_minute(seconds: float, wait: float) -> None:
    heartbeat = Heartbeat()
    assert heartbeat.seconds_until_due(NOON) == 0
    heartbeat.beat_if_due(Notebook(), NOON)
    assert heartbeat.seconds_until_due(NOON + timedelta(seconds=seconds)) == wait
