"""Stopping anywhere and going on from the checkpoint changes nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.detection import Counts, Engine, State, Topology
from tests.aggregator.detection.crowd import DAY, NOTHING, START, TREE, Crowd, copy, run

MINUTES = 200


def story(seed: int) -> list[Counts]:
    """Two hundred minutes with an outage, a silence and a return, drawn from a seed."""
    crowd = Crowd(0.5, seed=seed)
    random = np.random.default_rng(seed)
    start, length = int(random.integers(10, 60)), int(random.integers(5, 60))
    size = int(random.integers(5, 60))
    minutes = []
    for minute in range(MINUTES):
        loud = start <= minute < start + length or minute > start + 100
        counts = crowd.minute({(0, 3): size, (1, 3): size // 8} if loud else {})
        minutes.append(NOTHING if 70 < minute < 90 else counts)
    return minutes


@pytest.mark.slow
@settings(max_examples=12)
@given(st.integers(0, 1000), st.sets(st.integers(1, MINUTES - 1), min_size=1, max_size=3))
def test_stopping_anywhere_gives_the_same_bits(seed: int, stops: set[int]) -> None:
    through, stopped = Engine(TREE), Engine(TREE)
    for minute, counts in enumerate(story(seed)):
        if minute in stops:
            stopped = copy(stopped)
        at = START + minute
        assert through.advance(at, counts) == stopped.advance(at, counts)
    assert through.checkpoint() == stopped.checkpoint()


def test_open_outage_survives_a_restart() -> None:
    engine = Engine(TREE)
    run_in(engine, 600)
    run(engine, Crowd(0.5), 5, lambda _: {(0, 3): 150})
    again = copy(engine)
    assert [move.to_state for move in again.standing()] == [State.CONFIRMED]
    assert [m.from_state for m in run(again, Crowd(0.5), 60)][-1] is State.CONFIRMED


def run_in(engine: Engine, minutes: int) -> None:
    crowd = Crowd(0.5)
    for minute in range(minutes):
        engine.advance(START + minute, crowd.minute())


def test_services_are_found_again_by_name() -> None:
    engine = Engine(TREE)
    run_in(engine, DAY)
    moved = Topology(
        ("new", "mail", "web"),
        ("", "DE", "US", "US-CA", "FR"),
        (-1, 0, 0, 2, 0),
        ("UTC", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Europe/Paris"),
    )
    minutes = np.arange(START, START + 60)
    before = engine.expected("web", "DE", minutes)[0]
    after = Engine.restore(engine.checkpoint(), moved)
    assert after.expected("web", "DE", minutes)[0].tolist() == before.tolist()
    assert {moved.services[at] for at in after.survey().services} == {"mail", "web"}
    run(after, Crowd(0.5, services=(1, 2)), 60)


def test_nothing_to_save_before_the_first_minute() -> None:
    with pytest.raises(ValueError, match="first minute"):
        Engine(TREE).checkpoint()


def test_other_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="checkpoint"):
        Engine.restore(b"nothing", TREE)
