"""A moderate excess that lasts is a slow burn; what only looks like one is not."""

import numpy as np

from aggregator.detection import Engine
from aggregator.detection.look import Look, look
from aggregator.detection.params import Parameters
from aggregator.detection.scan import lasting
from tests.aggregator.detection.crowd import START, TREE, counts


def test_slow_burn_of_a_nervous_service_must_show_more() -> None:
    parameters = Parameters()
    windows = np.array(parameters.windows, np.float64)[:, None]
    expected = 2.0 * windows
    observed, variance = 3.2 * expected, np.full_like(expected, 0.1)

    assert lasting(observed, expected, variance, parameters).all()
    assert not lasting(observed, expected, variance, parameters, nervous=2.0).any()


def test_slow_burn_on_a_day_taken_for_a_holiday_may_show_less_than_on_others() -> None:
    usual = 10.0 * np.array(Parameters().windows, np.float64)[:, None]
    spread = np.full_like(usual, 0.09)

    def seen(ratio: float, parameters: Parameters) -> bool:
        return bool(lasting(ratio * usual, usual, spread, parameters)[0])

    holiday = Parameters().on_holiday()
    assert [seen(ratio, holiday) for ratio in (1.9, 2.4, 2.9)] == [False, True, True]
    assert [seen(ratio, Parameters()) for ratio in (1.9, 2.4, 2.9)] == [False, False, True]


def test_one_full_minute_is_no_slow_burn() -> None:
    def seen(extra: dict[int, int]) -> Look:
        """Web, after three days at a Report in twenty minutes and twenty with so many."""
        engine = Engine(TREE)
        for minute in range(3 * 1440):
            engine.advance(START + minute, counts({(0, 3): int(minute % 20 == 0)}))
        for minute in range(20):
            engine.advance(START + 3 * 1440 + minute, counts({(0, 3): extra.get(minute, 0)}))
        return look(engine._room, engine._room.world(0))

    assert not seen({9: 18}).is_lasting(1.0)
    assert seen(dict.fromkeys(range(9, 18), 2)).is_lasting(1.0)
