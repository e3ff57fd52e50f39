"""How readily Outages are told: by site, by volume class and by Service."""

import numpy as np
import pytest

from aggregator.detection import Change, Course, Engine, Sensitivities, Sensitivity, parse_site
from tests.aggregator.detection.crowd import Crowd, copy, quiet_days, run


@pytest.fixture(scope="module")
def learnt() -> Engine:
    """Three quiet days at about two Reports a minute and service."""
    return quiet_days(Crowd(0.7), 3)


def opened_at(learnt: Engine, crowd: int, step: str | None = None) -> tuple[int, str] | None:
    """Minutes until an Outage of `web` opens, and its numbers' sensitivity; None without one."""
    engine = copy(learnt)
    if step is not None:
        engine.tune(Sensitivities(services={"web": Sensitivity(step)}))
    assert engine.minute is not None
    before = engine.minute
    moves = run(engine, Crowd(0.7), 30, lambda _: {(0, 1): crowd})
    if not moves:
        return None
    assert {move.service for move in moves} == {"web"}
    return moves[0].minute - before, moves[0].numbers.sensitivity


def test_a_higher_step_tells_earlier_and_a_lower_one_later(learnt: Engine) -> None:
    found = [opened_at(learnt, 9, step) for step in ("low", "normal", "high")]
    assert [one and one[1] for one in found] == ["low", "normal", "high"]
    minutes = [one[0] for one in found if one]
    assert minutes == sorted(minutes, reverse=True)
    assert minutes[0] > minutes[2]


def test_normal_is_what_holds_without_any_word(learnt: Engine) -> None:
    assert opened_at(learnt, 14, "normal") == opened_at(learnt, 14)


def test_a_services_step_changes_nothing_for_others(learnt: Engine) -> None:
    one, other = copy(learnt), copy(learnt)
    other.tune(Sensitivities(services={"mail": Sensitivity.HIGH}))
    assert run(one, Crowd(0.7), 60) == run(other, Crowd(0.7), 60) == []
    assert one._judge.signs.calm.today[:2].tolist() == other._judge.signs.calm.today[:2].tolist()


def test_numbers_hold_the_bar_that_was_asked_for(learnt: Engine) -> None:
    engine = copy(learnt)
    engine.tune(Sensitivities(services={"web": Sensitivity.LOW}))
    move = run(engine, Crowd(0.7), 30, lambda _: {(0, 1): 20})[0]
    assert move.numbers.bar == pytest.approx(1.25 * 6.3, abs=0.01)
    assert move.numbers.z >= 1.25 * 6.3


def test_classes_hold_by_usual_volume_and_overrides_win() -> None:
    held = Sensitivities(parse_site("high,100:normal,1000:low").site, {"d": Sensitivity.NORMAL})
    scores, _ = held.factors(("a", "b", "c", "d"), np.array([99.0, 100.0, 5000.0, 5000.0]))
    assert scores.tolist() == [0.85, 1.0, 1.25, 1.0]
    assert held.of("c", 5000.0) is Sensitivity.LOW


@pytest.mark.parametrize("text", ["", "loud", "normal,low", "normal,10:low,10:high", "low,x:high"])
def test_a_site_value_that_cannot_be_followed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"none of|written as"):
        parse_site(text)


def test_a_service_takes_one_step_only() -> None:
    with pytest.raises(ValueError, match="none of"):
        Change(0, "web", "low,100:high")


def test_of_two_changes_for_one_minute_the_later_holds() -> None:
    course = Course([Change(7, "", "low"), Change(7, "", "high"), Change(3, "web", "normal")])
    assert course.at(2).is_plain
    assert course.at(7).of("api", 0.0) is Sensitivity.HIGH
    assert course.at(7).of("web", 0.0) is Sensitivity.NORMAL
