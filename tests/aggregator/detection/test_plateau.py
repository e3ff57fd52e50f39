"""A long excess that keeps its ratio to the usual: a new usual, or a long outage."""

from dataclasses import replace

from aggregator.detection.params import Parameters
from aggregator.detection.states import Part, Plateau, is_new_usual, judge_plateau


def test_rush_is_no_plateau() -> None:
    blocks = [(300.0, 50.0)] * 4 + [(180.0, 50.0)] * 16
    assert judge_plateau(Part(blocks, 0.02)).rushed


def test_an_unsteady_hour_of_yesterday_does_not_keep_a_service_in_outage() -> None:
    steady = [(150.0, 50.0)] * 24
    assert not judge_plateau(Part([*steady[:12], *[(300.0, 50.0)] * 4, *steady[:8]], 0.02)).steady
    assert judge_plateau(Part([(300.0, 50.0)] * 4 + steady, 0.02)).steady


DAY_AND_NIGHT = ([20.0, 40.0, 80.0, 40.0] * 5, [80.0, 40.0, 20.0, 40.0] * 5)
"""Two countries whose days add up to a flat line."""


def test_countries_clocks_tell_growth_from_a_crowd_where_the_world_cannot() -> None:
    whole = [(3.0 * (a + b), a + b) for a, b in zip(*DAY_AND_NIGHT, strict=True)]
    grown = [[(3.0 * m, m) for m in day] for day in DAY_AND_NIGHT]
    mean = [sum(day) / len(day) for day in DAY_AND_NIGHT]
    crowd = [
        [(m + 2.0 * more, m) for m in day] for day, more in zip(DAY_AND_NIGHT, mean, strict=True)
    ]

    world = Part(whole, 0.05)

    assert abs(judge_plateau(world).nats) < 5.0
    assert judge_plateau(world, [Part(day, 0.05) for day in grown]).nats > 8.0
    assert judge_plateau(world, [Part(day, 0.05) for day in crowd]).nats < -8.0


def test_growth_that_began_with_a_rush_is_the_new_usual_once_the_clocks_say_so() -> None:
    parameters = Parameters()
    doubtful = Plateau(3.0, 50.0, steady=True, rushed=True, nats=parameters.grown_nats - 1.0)
    told = replace(doubtful, nats=parameters.grown_nats)

    assert not is_new_usual(doubtful, 340, parameters)
    assert is_new_usual(told, 340, parameters)
    assert not is_new_usual(replace(told, steady=False), 340, parameters)
