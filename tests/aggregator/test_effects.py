"""What another sensitivity would have done to a Service's last month."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from aggregator import effects, sensitivities
from aggregator.clock import minute_of, start_of
from aggregator.effects import Told
from aggregator.models import EvaluationMark, ReplayedEffect, SensitivityChange
from reports.trail import Doing
from tests.aggregator.crowds import burst, quiet_day
from tests.factories import service

pytestmark = pytest.mark.django_db

T = minute_of(datetime(2026, 3, 18, 14, 0, tzinfo=UTC))
NOW = start_of(T + 500)
SMALL, BIG = T, T + 320


@pytest.fixture
def doing() -> Doing:
    """Somebody who asks."""
    return Doing(User.objects.create_user("maria"), "Match nights.", NOW)


@pytest.fixture
def month() -> None:
    """Three days of `claude` with a small crowd and a big one, evaluated up to now."""
    quiet_day("claude", T, days=3)
    burst("claude", SMALL, minutes=3, reports=4)
    burst("claude", BIG, minutes=20, reports=60)
    burst("github", SMALL, minutes=20, reports=60)
    EvaluationMark.objects.create(evaluated_until=NOW)


@pytest.mark.slow
def test_outages_that_would_be_gone_or_new_are_named(month: None) -> None:
    low = effects.replayed(service("claude"), "low")
    assert low.present == Told(outages=2, confirmed=1, minutes=low.present.minutes)
    assert low.proposed.outages == 1
    assert low.proposed.minutes < low.present.minutes
    assert [one.started_at for one in low.gone] == [f"{start_of(SMALL):%Y-%m-%dT%H:%M:%SZ}"]
    assert low.new == []
    assert low.until == f"{NOW:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.slow
def test_the_present_step_is_the_one_that_holds_now(month: None, doing: Doing) -> None:
    sensitivities.change(service("claude"), "low", doing)
    back = effects.replayed(service("claude"), "")
    assert (back.present.outages, back.proposed.outages) == (1, 2)
    assert len(back.new) == 1
    assert SensitivityChange.objects.count() == 1


def test_a_service_without_counts_has_no_outages(doing: Doing) -> None:
    EvaluationMark.objects.create(evaluated_until=NOW)
    found = effects.replayed(service("noise"), "high")
    assert found.present == found.proposed == Told(0, 0, 0)


def test_what_is_asked_for_is_worked_off_once(month: None, doing: Doing) -> None:
    EvaluationMark.objects.update(evaluated_until=start_of(T - 4000))
    asked = effects.ask(service("claude"), "high", doing)
    assert effects.work(NOW)
    assert not effects.work(NOW)
    asked.refresh_from_db()
    assert asked.percent == 100
    assert asked.result is not None
    assert list(effects.outages_of(asked, "new")) == []


def test_a_worker_that_died_lets_another_begin_again(doing: Doing) -> None:
    asked = effects.ask(service("noise"), "high", doing)
    ReplayedEffect.objects.update(leased_until=NOW + timedelta(minutes=1))
    assert not effects.work(NOW)
    assert effects.work(NOW + timedelta(minutes=2))
    asked.refresh_from_db()
    assert asked.result is not None


def test_old_effects_are_dropped_and_unknown_steps_refused(doing: Doing) -> None:
    old = effects.ask(service("noise"), "high", Doing(None, "", NOW - timedelta(days=2)))
    effects.ask(service("noise"), "", doing)
    assert not ReplayedEffect.objects.filter(pk=old.pk).exists()
    with pytest.raises(ValueError, match="loud"):
        effects.ask(service("noise"), "loud", doing)
