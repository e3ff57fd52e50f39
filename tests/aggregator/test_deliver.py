"""Alerts are sent at least once, in order, and what fails stays visible."""

import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection, transaction

from aggregator import alerting, sending, tasks
from aggregator.alerting import DeliveryResult, deliver_due, enqueue, try_again
from aggregator.channels import Message, Outcome, post
from aggregator.channels.email import EmailChannel
from aggregator.models import Alert, Outage
from aggregator.models.alert import AlertState
from aggregator.models.outage import EventKind, State
from aggregator.retries import TRIES
from aggregator.subscriptions import deactivate
from tests.factories import make_event, make_outage, make_subscription
from tests.receiver import Receiver

DELIVER = """
import django; django.setup()
from datetime import UTC, datetime
from aggregator.alerting import deliver_due
deliver_due(datetime.now(UTC))
"""


def now() -> datetime:
    """This instant: receivers refuse signatures older than five minutes."""
    return datetime.now(UTC)


def make_alert(receiver: Receiver) -> Alert:
    """One due Alert for a webhook at the receiver."""
    make_subscription(receiver.url)
    enqueue(make_event(make_outage()))
    return Alert.objects.get()


@pytest.mark.django_db
def test_a_due_alert_is_sent_signed_and_marked(receiver: Receiver) -> None:
    alert = make_alert(receiver)
    instant = now()
    assert deliver_due(instant) == DeliveryResult(sent=1)
    [request] = receiver.received
    assert request.id == str(alert.id)
    assert request.verified()["type"] == "outage.opened"
    alert.refresh_from_db()
    assert (alert.state, alert.attempts, alert.sent_at) == (AlertState.SENT, 1, instant)
    assert deliver_due(now()) == DeliveryResult()


@pytest.mark.django_db
def test_the_task_run_twice_sends_once(receiver: Receiver) -> None:
    make_alert(receiver)
    tasks.deliver()
    tasks.deliver()
    assert receiver.kinds() == ["outage.opened"]


@pytest.mark.django_db
def test_nothing_is_sent_before_it_is_due(receiver: Receiver) -> None:
    alert = make_alert(receiver)
    assert deliver_due(alert.due_at - timedelta(seconds=1)) == DeliveryResult()
    assert receiver.received == []


@pytest.mark.django_db
@pytest.mark.parametrize("status", [301, 302, 400, 404, 429, 500, 503])
def test_a_refusal_is_tried_again_later(receiver: Receiver, status: int) -> None:
    alert = make_alert(receiver)
    receiver.answer = lambda _: (status, {"location": f"{receiver.url}/elsewhere"})
    instant = now()
    assert deliver_due(instant) == DeliveryResult(retried=1)
    alert.refresh_from_db()
    assert (alert.state, alert.last_error) == (AlertState.PENDING, f"HTTP {status}")
    assert timedelta(seconds=5) <= alert.due_at - instant <= timedelta(seconds=6)
    receiver.answer = lambda _: (200, {})
    assert deliver_due(alert.due_at) == DeliveryResult(sent=1)
    assert receiver.times_by_id() == {str(alert.id): 2}
    assert {request.path for request in receiver.received} == {"/hook"}


@pytest.mark.django_db
def test_a_target_that_asks_for_time_gets_it(receiver: Receiver) -> None:
    alert = make_alert(receiver)
    receiver.answer = lambda _: (429, {"retry-after": "3600"})
    instant = now()
    deliver_due(instant)
    alert.refresh_from_db()
    assert alert.due_at == instant + timedelta(hours=1)


@pytest.mark.django_db
def test_gone_ends_the_subscription(receiver: Receiver) -> None:
    alert = make_alert(receiver)
    receiver.answer = lambda _: (410, {})
    assert deliver_due(now()) == DeliveryResult(failed=1)
    alert.refresh_from_db()
    assert (alert.state, alert.last_error) == (AlertState.FAILED, "HTTP 410")
    assert not alert.subscription.is_active
    assert alert.subscription.disabled_reason == "HTTP 410"
    assert enqueue(make_event(make_outage("noise"))) == 0


@pytest.mark.django_db
def test_a_hanging_target_is_cut_off(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "SECONDS", 0.2)
    alert = make_alert(receiver)
    release = threading.Event()
    receiver.answer = lambda _: (200 if release.wait(30) else 500, {})
    assert deliver_due(now()) == DeliveryResult(retried=1)
    release.set()
    alert.refresh_from_db()
    assert alert.last_error == "no answer within 0.2 seconds"


@pytest.mark.django_db
def test_a_closed_port_is_tried_again_and_its_address_is_not_told() -> None:
    make_subscription("http://127.0.0.1:1/secret-token")
    enqueue(make_event(make_outage()))
    assert deliver_due(now()) == DeliveryResult(retried=1)
    assert Alert.objects.get().last_error == "no connection (ConnectError)"


@pytest.mark.django_db
def test_after_the_last_try_it_has_failed_until_tried_again(receiver: Receiver) -> None:
    alert = make_alert(receiver)
    receiver.answer = lambda _: (500, {})
    Alert.objects.update(attempts=len(TRIES) - 1)
    assert deliver_due(now()) == DeliveryResult(failed=1)
    alert.refresh_from_db()
    assert (alert.state, alert.attempts, alert.last_error) == (AlertState.FAILED, 10, "HTTP 500")
    receiver.answer = lambda _: (200, {})
    assert deliver_due(now() + timedelta(days=9)) == DeliveryResult()
    assert try_again([alert.id], now()) == 1
    assert deliver_due(now()) == DeliveryResult(sent=1)
    assert try_again([alert.id], now()) == 0


@pytest.mark.django_db
def test_what_is_pending_for_an_ended_subscription_is_not_sent(receiver: Receiver) -> None:
    alert = make_alert(receiver)
    deactivate(alert.subscription_id, "asked for")
    assert deliver_due(now()) == DeliveryResult(failed=1)
    assert receiver.received == []


def make_moves(outage: Outage) -> None:
    """An Outage opened, confirmed and over, told to whoever listens."""
    enqueue(make_event(outage))
    enqueue(make_event(outage, EventKind.CONFIRMED, State.CONFIRMED))
    enqueue(make_event(outage, EventKind.CLOSED, State.OVER))


@pytest.mark.django_db
def test_no_move_overtakes_an_earlier_one_that_is_still_pending(receiver: Receiver) -> None:
    make_subscription(receiver.url)
    make_moves(make_outage())
    receiver.answer = lambda _: (500, {})
    assert deliver_due(now()) == DeliveryResult(retried=1)
    assert deliver_due(now()) == DeliveryResult()
    receiver.answer = lambda _: (200, {})
    later = now() + timedelta(seconds=10)
    assert [deliver_due(later).sent for _ in range(4)] == [1, 1, 1, 0]
    opened = "outage.opened"
    assert receiver.kinds() == [opened, opened, "outage.confirmed", "outage.closed"]


@pytest.mark.django_db
def test_another_outage_and_another_target_do_not_wait(receiver: Receiver) -> None:
    make_subscription(receiver.url)
    make_subscription(f"{receiver.url}/other")
    make_moves(make_outage())
    make_moves(make_outage("noise"))
    assert deliver_due(now()) == DeliveryResult(sent=4)


@pytest.mark.django_db
def test_what_can_not_be_begun_in_time_is_given_back(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    alert = make_alert(receiver)
    monkeypatch.setattr(sending, "BEGIN_SECONDS", -1)
    assert deliver_due(now()) == DeliveryResult()
    alert.refresh_from_db()
    assert (alert.state, alert.attempts) == (AlertState.PENDING, 0)
    monkeypatch.undo()
    assert deliver_due(now()) == DeliveryResult(sent=1)


@pytest.mark.django_db
def test_one_broken_alert_does_not_hold_up_the_others(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: EmailChannel, message: Message) -> Outcome:
        raise ZeroDivisionError

    monkeypatch.setattr(EmailChannel, "send", fail)
    broken = make_subscription("ann@mail.example")
    make_subscription(receiver.url)
    enqueue(make_event(make_outage()))
    assert deliver_due(now()) == DeliveryResult(sent=1, retried=1)
    alert = Alert.objects.get(subscription=broken)
    assert alert.last_error == "internal error (ZeroDivisionError)"


@pytest.mark.django_db
def test_when_marking_fails_nothing_more_is_sent(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(60):
        make_subscription(f"{receiver.url}/{number}")
    enqueue(make_event(make_outage()))
    release = threading.Event()
    # One answer comes at once; the other senders are held until it could not be marked.
    receiver.answer = lambda _: (
        200 if len(receiver.received) == 1 or release.wait(30) else 500,
        {},
    )

    def fail(*_: object) -> Outcome:
        release.set()
        raise OperationalError

    monkeypatch.setattr(alerting, "_mark", fail)
    with pytest.raises(OperationalError):
        deliver_due(now())
    assert len(receiver.received) < 60


@pytest.mark.django_db
@pytest.mark.parametrize(("field", "value"), [("secret", "whsec_"), ("target", "http://a:b:c/")])
def test_what_is_malformed_is_not_tried_again(field: str, value: str) -> None:
    subscription = make_subscription("http://127.0.0.1:1/")
    setattr(subscription, field, value)
    subscription.save()
    enqueue(make_event(make_outage()))
    assert deliver_due(now()) == DeliveryResult(failed=1)


@pytest.mark.slow
def test_killed_between_sending_and_marking_it_is_sent_again_with_the_same_id(
    committed: None, environment: dict[str, str], receiver: Receiver
) -> None:
    alert = make_alert(receiver)
    release = threading.Event()
    receiver.answer = lambda _: (200 if release.wait(60) else 500, {})
    worker = subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", DELIVER],
        env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings"},
    )
    assert receiver.came.wait(60), "the worker sent nothing"
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    release.set()
    assert deliver_due(now()) == DeliveryResult()  # the dead worker's lease still runs
    instant = now() + alerting.LEASE + timedelta(seconds=1)
    assert deliver_due(instant) == DeliveryResult(sent=1)
    assert receiver.times_by_id() == {str(alert.id): 2}
    alert.refresh_from_db()
    assert (alert.state, alert.attempts) == (AlertState.SENT, 2)


def test_two_deliverers_at_once_send_each_alert_once(committed: None, receiver: Receiver) -> None:
    for number in range(30):
        make_subscription(f"{receiver.url}/{number}")
    enqueue(make_event(make_outage()))
    both = threading.Barrier(2, timeout=30)
    results: list[DeliveryResult] = []

    def deliver() -> None:
        try:
            both.wait()
            results.append(deliver_due(now(), limit=20))
        finally:
            connection.close()

    threads = [threading.Thread(target=deliver) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert deliver_due(now()).sent == 30 - sum(result.sent for result in results)
    assert set(receiver.times_by_id().values()) == {1}
    assert len(receiver.received) == 30


def test_a_late_failure_leaves_the_new_holders_lease_alone(
    committed: None, receiver: Receiver
) -> None:
    alert = make_alert(receiver)
    instant = now()

    def taken_over(_: object) -> tuple[int, dict[str, str]]:
        # While this try hangs, its lease runs out and somebody else takes the Alert.
        Alert.objects.filter(id=alert.id).update(attempts=2, due_at=instant + alerting.LEASE)
        connection.close()
        return 500, {}

    receiver.answer = taken_over
    deliver_due(instant)
    alert.refresh_from_db()
    assert (alert.attempts, alert.due_at) == (2, instant + alerting.LEASE)
    assert alert.last_error == ""


def test_what_somebody_else_is_leasing_is_left_to_him(committed: None, receiver: Receiver) -> None:
    for number in range(3):
        make_subscription(f"{receiver.url}/{number}")
    enqueue(make_event(make_outage()))
    results: list[DeliveryResult] = []

    def deliver() -> None:
        try:
            results.append(deliver_due(now()))
        finally:
            connection.close()

    with transaction.atomic():
        leased = alerting._lease(now(), 2)
        other = threading.Thread(target=deliver)
        other.start()
        other.join()
    assert len(leased) == 2
    assert results == [DeliveryResult(sent=1)]
    assert {str(alert.id) for alert in leased}.isdisjoint(receiver.times_by_id())
