"""What an hour tells of the mood after it, and how that is learnt."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.detection import Engine
from aggregator.detection.mood import mood
from aggregator.detection.scoring import heavy_score, score
from tests.aggregator.detection.crowd import DAY, START, TREE, Crowd, copy, counts, quiet_days, run

RATE = 2.0
positive = st.floats(0.01, 1e3)


@given(reports=st.floats(0.0, 1e3), expected=positive, slow=st.floats(0.01, 0.5))
def test_mood_lies_between_the_usual_and_what_was_seen(
    reports: float, expected: float, slow: float
) -> None:
    known = np.array([slow]), np.zeros(1), np.array([0.03])
    mean, left = (
        float(part[0]) for part in mood(np.array([reports]), np.array([expected]), *known)
    )

    seen = reports / expected
    assert min(1.0, seen) - 1e-9 <= mean <= max(1.0, seen) + 1e-9
    assert 0.0 < left <= slow + 1e-9


def test_mood_that_moves_on_tells_less() -> None:
    known = np.full(2, 0.1), np.zeros(2), np.array([0.005, 0.2])
    mean, left = mood(np.full(2, 600.0), np.full(2, 300.0), *known)

    assert mean[0] > mean[1] > 1.0
    assert left[0] < left[1]


@given(expected=positive, variance=st.floats(0.005, 0.5), ratio=st.floats(1.0, 30.0))
def test_heavy_score_is_the_least_over_all_deviations(
    expected: float, variance: float, ratio: float
) -> None:
    count = ratio * expected
    u = np.linspace(0.0, np.log(ratio), 20_001)
    each = count * (np.log(ratio) - u - 1.0) + expected * np.exp(u) + u**2 / (2.0 * variance)
    found = heavy_score(np.array([count]), np.array([expected]), np.array([variance]), 1.0)

    assert found[0] == pytest.approx(np.sqrt(2.0 * max(each.min(), 0.0)), abs=1e-3, rel=1e-4)


def test_heavy_tails_matter_where_many_report() -> None:
    few = np.array([8.0]), np.array([0.3]), np.array([0.05])
    many = np.array([800.0]), np.array([300.0]), np.array([0.05])

    assert heavy_score(*few, 1.0)[0] == pytest.approx(score(*few, 1.0)[0], rel=0.01)
    assert heavy_score(*many, 1.0)[0] < 0.9 * score(*many, 1.0)[0]


def drift(engine: Engine) -> float:
    """What the first service's worldwide mood moves on, as learnt."""
    room = engine._room
    return float(room.baseline.drift[room.world(0)])


@pytest.fixture(scope="module")
def steady() -> Engine:
    """Ten quiet days at six Reports a minute and service."""
    return quiet_days(Crowd(RATE), 10)


def test_steady_mood_is_learnt(steady: Engine) -> None:
    assert drift(steady) < 0.01


def test_restless_mood_is_learnt() -> None:
    random, engine, pace = np.random.default_rng(3), Engine(TREE), 1.0
    for minute in range(6 * DAY):
        if minute % 15 == 0:
            pace = float(np.exp(random.normal(0.0, 0.35)))
        rows = {(0, region): int(random.poisson(RATE * pace)) for region in (1, 2, 3)}
        engine.advance(START + minute, counts(rows))

    assert drift(engine) > 0.03


def test_end_of_an_outage_is_no_mood(steady: Engine) -> None:
    engine = copy(steady)
    run(engine, Crowd(RATE, seed=5), 90, lambda _: {(0, region): 12 for region in (1, 2, 3)})
    run(engine, Crowd(RATE, seed=6), 180)

    assert drift(engine) == pytest.approx(drift(steady), rel=0.2)
