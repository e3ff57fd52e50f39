"""What jumps above the hour before is told sooner, and what only looks like it is not."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from aggregator.detection import Engine, Move, Parameters, Reason
from aggregator.detection.calm import Calm
from aggregator.detection.sudden import WINDOWS
from tests.aggregator.detection.crowd import Crowd, Extra, Networks, copy, quiet_days, run

RATE, CROWD = 2.0, 5
WITHOUT = Parameters().changed("without", thresholds=replace(Parameters().thresholds, sudden_z=1e6))


@pytest.fixture(scope="module")
def learnt() -> Engine:
    """Ten quiet days at six Reports a minute and service."""
    return quiet_days(Crowd(RATE), 10)


def everywhere(reports: int, *, service: int = 0) -> dict[tuple[int, int], int]:
    """So many more Reports in each of three Regions."""
    return {(service, region): reports for region in (1, 2, 3)}


def reasons(engine: Engine, extra: Extra, minutes: int = 30) -> list[tuple[Reason, int]]:
    """Rules by which Outages open, and minutes until they do."""
    assert engine.minute is not None
    before = engine.minute
    return [
        (move.reason, move.minute - before)
        for move in run(engine, Crowd(RATE, seed=11), minutes, extra)
        if move.from_state is None
    ]


def test_jump_is_told_before_the_surge_would_be(learnt: Engine) -> None:
    with_rule = reasons(copy(learnt), lambda _: everywhere(CROWD))
    without = reasons(
        Engine.restore(learnt.checkpoint(), learnt.topology, WITHOUT), lambda _: everywhere(CROWD)
    )
    assert with_rule[0][0] is Reason.SUDDEN
    assert not without or with_rule[0][1] < without[0][1]


def test_its_numbers_are_those_of_the_jump(learnt: Engine) -> None:
    move = run(copy(learnt), Crowd(RATE, seed=11), 30, lambda _: everywhere(CROWD))[0]
    assert move.numbers.bar == Parameters().thresholds.sudden_z
    assert move.numbers.z >= move.numbers.bar
    assert move.numbers.window in WINDOWS


def test_nervous_service_must_jump_higher(learnt: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def first(nervous: float) -> Move:
        monkeypatch.setattr(Calm, "factor", lambda *_: nervous)
        return run(copy(learnt), Crowd(RATE, seed=11), 30, lambda _: everywhere(CROWD))[0]

    calm, uneasy, nervous = first(1.0), first(1.02), first(1.3)

    assert calm.reason is uneasy.reason is Reason.SUDDEN
    assert calm.numbers.bar is not None
    assert uneasy.numbers.bar == pytest.approx(1.02**3 * calm.numbers.bar, abs=0.01)
    assert nervous.reason is not Reason.SUDDEN


def test_one_full_minute_is_no_jump(learnt: Engine) -> None:
    assert not reasons(copy(learnt), lambda t: everywhere(8) if t == 5 else {})


@pytest.mark.parametrize(
    "before", [lambda _: everywhere(0), lambda _: everywhere(2)], ids=["calm", "busy"]
)
def test_busy_hour_raises_what_a_jump_must_show(
    learnt: Engine, before: Callable[[int], dict[tuple[int, int], int]]
) -> None:
    engine = copy(learnt)
    assert not reasons(engine, before, 70)
    found = reasons(engine, lambda _: everywhere(CROWD), 4)
    assert bool(found) is not bool(before(0)[0, 1])


def test_flood_from_few_networks_is_no_jump(learnt: Engine) -> None:
    engine, crowd = copy(learnt), Crowd(RATE, seed=11)
    assert engine.minute is not None
    for minute in range(engine.minute + 1, engine.minute + 31):
        step = engine.advance(minute, crowd.minute(everywhere(60)), evidence=Networks(3))
        assert not step.moves


@pytest.fixture(scope="module")
def small() -> Engine:
    """Four quiet days at about four Reports an hour and service, a third of them from Germany."""
    return quiet_days(Crowd(0.02), 4)


@pytest.mark.parametrize(
    ("shared", "opens"),
    [
        ({3: 13}, False),  # in one small country
        ({3: 20}, True),
        ({1: 5, 2: 4}, False),  # in the country of most, few
        ({1: 8, 2: 6}, True),
        ({1: 4, 2: 3, 3: 5}, True),  # everywhere
    ],
)
def test_link_shared_in_one_place_opens_nothing(
    small: Engine, shared: dict[int, int], *, opens: bool
) -> None:
    left = dict(shared)

    def each_minute(_: int) -> dict[tuple[int, int], int]:
        now = {region: min(2, rest) for region, rest in left.items()}
        left.update({region: left[region] - count for region, count in now.items()})
        return {(0, region): count for region, count in now.items()}

    moves = run(copy(small), Crowd(0.0), 20, each_minute)
    assert bool(moves) is opens
