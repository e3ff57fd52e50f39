"""A tick may come twice, late, or while the database is away."""

from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from aggregator import alerting, counting, rollups, tasks, traces
from aggregator.models import MinuteCount
from tests import factories
from tests.aggregator.truth import assert_counts_are_true


@pytest.mark.usefixtures("committed")
def test_same_tick_twice_counts_once() -> None:
    counting.count(datetime.now(UTC))
    factories.make_report()
    tasks.count()
    tasks.count()
    assert MinuteCount.objects.get().count == 1
    assert_counts_are_true()


@pytest.mark.parametrize(
    ("tick", "room", "verb"),
    [
        (tasks.count, counting, "catch_up"),
        (tasks.deliver, alerting, "deliver_due"),
        (tasks.partition, rollups, "keep_partitions"),
        (tasks.trace, traces, "trace"),
    ],
)
def test_passing_failure_is_left_to_the_next_tick(
    tick: object, room: object, verb: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("deadlock detected")

    monkeypatch.setattr(room, verb, fail)
    assert callable(tick)
    tick()


def test_bug_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(counting, "catch_up", fail)
    with pytest.raises(ValueError, match="a bug"):
        tasks.count()
