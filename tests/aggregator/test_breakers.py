"""A target that fails again and again is left alone, and found again."""

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from aggregator import breakers
from aggregator.alerting import DeliveryResult, deliver_due, enqueue
from aggregator.models import Alert, Subscription
from aggregator.models.alert import AlertState
from tests.aggregator.test_deliver import now
from tests.factories import make_event, make_outage, make_subscription
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db
SLUGS = ("claude", "github", "aws", "noise")


def make_alerts(receiver: Receiver) -> Subscription:
    """Four Alerts for one webhook, which fails."""
    made = make_subscription(receiver.url)
    for slug in SLUGS:
        enqueue(make_event(make_outage(slug)))
    receiver.answer = lambda _: (500, {})
    return made


def test_after_five_failures_nothing_is_tried_and_no_try_is_spent(receiver: Receiver) -> None:
    mine = make_alerts(receiver)
    instant = now()
    assert deliver_due(instant) == DeliveryResult(retried=4)
    assert deliver_due(instant + timedelta(seconds=10)).retried == 4
    mine.refresh_from_db()
    assert mine.failures == 8
    assert mine.broken_until is not None
    later = instant + timedelta(seconds=11)
    Alert.objects.update(due_at=instant)
    assert deliver_due(later) == DeliveryResult()
    assert {alert.attempts for alert in Alert.objects.all()} == {2}


def test_one_tries_after_the_pause_and_its_success_lets_all_through(receiver: Receiver) -> None:
    mine = make_alerts(receiver)
    instant = now()
    Subscription.objects.update(failures=6, failing_since=instant, broken_until=instant)
    assert deliver_due(instant) == DeliveryResult(retried=1)
    assert deliver_due(instant) == DeliveryResult()
    assert len(receiver.received) == 1
    receiver.answer = lambda _: (204, {})
    mine.refresh_from_db()
    later = instant + timedelta(hours=2)
    assert deliver_due(later) == DeliveryResult(sent=1)
    mine.refresh_from_db()
    assert (mine.failures, mine.broken_until, mine.failing_since) == (0, None, None)
    assert deliver_due(later) == DeliveryResult(sent=3)


def test_a_circuit_is_counted_once_when_it_breaks_and_once_when_it_closes(
    receiver: Receiver,
) -> None:
    def moves(outcome: str) -> float:
        name = "outcry_breaker_moves_total"
        return REGISTRY.get_sample_value(name, {"outcome": outcome}) or 0.0

    opened, closed = moves("opened"), moves("closed")
    make_alerts(receiver)
    instant = now()
    deliver_due(instant)
    deliver_due(instant + timedelta(seconds=10))
    assert moves("opened") == opened + 1
    receiver.answer = lambda _: (204, {})
    deliver_due(instant + timedelta(hours=2))
    deliver_due(instant + timedelta(hours=2))
    assert (moves("opened"), moves("closed")) == (opened + 1, closed + 1)


def test_another_target_is_not_held_back(receiver: Receiver) -> None:
    make_alerts(receiver)
    Subscription.objects.update(failures=9, broken_until=now() + timedelta(hours=1))
    make_subscription(f"{receiver.url}/other")
    receiver.answer = lambda _: (204, {})
    enqueue(make_event(Alert.objects.first().event.outage))  # type: ignore[union-attr]  # made above
    assert deliver_due(now()) == DeliveryResult(sent=1)


def test_days_without_any_delivery_end_the_subscription(receiver: Receiver) -> None:
    mine = make_alerts(receiver)
    long_ago = now() - breakers.PATIENCE - timedelta(hours=1)
    Subscription.objects.update(failures=50, failing_since=long_ago, broken_until=long_ago)
    deliver_due(now())
    mine.refresh_from_db()
    assert not mine.is_active
    assert mine.disabled_reason == "nothing delivered for 5 days"
    deliver_due(now() + timedelta(days=2))
    assert set(Alert.objects.values_list("state", flat=True)) == {AlertState.FAILED}


def test_each_try_is_kept_with_what_went_wrong(receiver: Receiver) -> None:
    make_subscription(receiver.url)
    enqueue(make_event(make_outage()))
    receiver.answer = lambda _: (503, {})
    instant = now()
    deliver_due(instant)
    receiver.answer = lambda _: (204, {})
    deliver_due(instant + timedelta(minutes=1))
    assert [one["told"] for one in Alert.objects.get().tries] == ["HTTP 503", ""]
