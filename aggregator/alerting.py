"""The outbox: who is to be told of a move, and telling them, at least once and in order.

`enqueue` writes Alerts in the transaction that writes the move, so none is lost. `deliver_due`
leases them, sends outside any transaction and marks them; whoever dies in between leaves a lease
that runs out, and the Alert is sent again with the same id.
"""

import random
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Exists, F, JSONField, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import CombinedExpression

from aggregator import breakers, bundles, push_keys, subscriptions
from aggregator.channels import Delivered, GaveUp, Message, Outcome, Retry, open_channels
from aggregator.enqueue_sql import ENQUEUE
from aggregator.messages import compose
from aggregator.models import Alert, OutageEvent
from aggregator.models.alert import AlertState
from aggregator.models.outage import NOT_OVER, EventKind, State
from aggregator.retries import wait_after
from aggregator.sending import send_all

LEASE = timedelta(seconds=120)
BATCH = 500
# Of what was told so long ago nothing more is told, and nobody asks.
KEPT = timedelta(days=90)
# One message is not to be asked for again and again.
AGAIN_AFTER = timedelta(seconds=30)

log = structlog.get_logger(__name__)

# After these moves there is nothing more to say of an Outage, but the ones named.
_SILENT_AFTER: Mapping[str, list[str]] = {
    EventKind.CLOSED: [EventKind.CLOSED, EventKind.RETRACTED],
    EventKind.RETRACTED: [EventKind.RETRACTED],
    EventKind.SCOPE: [EventKind.CLOSED, EventKind.RETRACTED, EventKind.AFFECTED],
    EventKind.CORRECTED: [],
}


def enqueue(event: OutageEvent) -> int:
    """Write an Alert for everybody who is to be told of a move; gives how many were written.

    Told are the active Subscriptions to the Service or its Category whose Region lies in, or
    holds, one of the scope's, if the Outage now stands as high as they ask for; somebody with
    several of them is told once. That an Outage is over, retracted, elsewhere or otherwise than was
    said is told to those who heard of it before, whatever their Region. Must run inside the
    transaction that writes the move; a second call for the same move writes nothing.
    """
    values: dict[str, bool | int | str | datetime | list[str]] = {
        "event": event.pk,
        "outage": event.outage_id,
        "service": event.outage.service_id,
        "category": event.outage.service.category_id,
        "scope": event.regions or [event.region_id],
        "at": event.at,
        "ends": event.to_state not in NOT_OVER,
        "follows": event.kind in _SILENT_AFTER,
        "silent_after": list(_SILENT_AFTER.get(event.kind, [])),
        "is_confirmed": event.to_state == State.CONFIRMED,
        "explains": event.kind == EventKind.AFFECTED,
    }
    with connection.cursor() as cursor:
        cursor.execute(ENQUEUE, values)
        return int(cursor.rowcount)


class Ended:
    """The channel of a Subscription that ended while Alerts were pending."""

    def send(self, message: Message) -> Outcome:  # noqa: ARG002 - the protocol's
        """Tell nobody."""
        return GaveUp("the subscription is no longer active")


ENDED = Ended()


@dataclass(frozen=True, slots=True)
class DeliveryResult:
    """What one round of delivering came to, in Alerts."""

    sent: int = 0
    retried: int = 0
    failed: int = 0


def deliver_due(now: datetime, limit: int = BATCH) -> DeliveryResult:
    """Send what is due, once each; any number may deliver at the same time.

    Args:
        now: aware; compared with `due_at`.
        limit: how many Alerts at most.
    """
    leased = {alert.id: alert for alert in _lease(now, limit)}
    if not leased:
        return DeliveryResult()
    channels = open_channels(push_keys.private_key())
    messages = compose(leased.values(), bundles.followers(leased.values()), now)
    pairs = [
        (channels[alert.subscription.channel] if alert.subscription.is_active else ENDED, message)
        for alert, message in zip(leased.values(), messages, strict=True)
    ]
    outcomes: list[Outcome] = []
    with closing(send_all(pairs)) as answers:
        for alert_id, outcome in answers:
            if outcome is None:
                _give_back(leased[alert_id], now)
            else:
                outcomes.append(_mark(leased[alert_id], outcome, now))
    return DeliveryResult(
        sent=sum(isinstance(outcome, Delivered) for outcome in outcomes),
        retried=sum(isinstance(outcome, Retry) for outcome in outcomes),
        failed=sum(isinstance(outcome, GaveUp) for outcome in outcomes),
    )


def try_again(alert_ids: Iterable[UUID], now: datetime) -> int:
    """Make failed Alerts due once more, with all their tries; gives how many there were."""
    return _again(Q(id__in=list(alert_ids), state=AlertState.FAILED), now)


def replay(alert_id: UUID, now: datetime) -> bool:
    """Send once more what was sent or failed, with the same id; False: it is on its way already."""
    done = [AlertState.SENT, AlertState.FAILED]
    return bool(_again(Q(id=alert_id, state__in=done, due_at__lt=now - AGAIN_AFTER), now))


def _again(which: Q, now: datetime) -> int:
    again = Alert.objects.filter(which)
    return again.update(
        state=AlertState.PENDING, due_at=now, attempts=0, bundle=None, is_gathered=False
    )


def retire(now: datetime) -> int:
    """Delete Alerts that were told long ago; gives how many."""
    old = Alert.objects.filter(created_at__lt=now - KEPT).exclude(state=AlertState.PENDING)
    count, _rows = old.delete()
    return count


# -- leases and marks ------------------------------------------------------------------------


def _lease(now: datetime, limit: int) -> list[Alert]:
    """Take due Alerts for the time of the lease and count the try.

    Of one Subscription and Outage only the earliest pending move is due, so no "over" overtakes
    a "confirmed" that waits for its next try. Fresh ones go first: a target that hangs delays
    only those that failed before.
    """
    with transaction.atomic():
        bundles.bind(now)
        ids = [
            alert.id
            for alert in _due(now).select_for_update(of=("self",), skip_locked=True)[:limit]
        ]
        Alert.objects.filter(id__in=ids).update(attempts=F("attempts") + 1, due_at=now + LEASE)
        breakers.hold(ids, now + LEASE)
    wanted = "event__cause", "event__outage__service", "event__outage__cause", "subscription"
    return list(Alert.objects.filter(id__in=ids).select_related(*wanted).order_by("event_id"))


def _due(now: datetime) -> QuerySet[Alert]:
    pending = Alert.objects.filter(state=AlertState.PENDING)
    earlier = pending.filter(
        subscription=OuterRef("subscription"),
        event__outage=OuterRef("event__outage"),
        event__lt=OuterRef("event"),
    ).exclude(bundle=OuterRef("id"))
    # The one that tries a target which failed too often: its earliest.
    before = pending.filter(
        subscription=OuterRef("subscription"), id__lt=OuterRef("id"), due_at__lte=now
    )
    whole = Q(subscription__broken_until=None, subscription__failures__lt=breakers.MOST_FAILURES)
    whole |= Q(subscription__is_active=False)
    tries = Q(subscription__broken_until__lte=now) & ~Exists(before)
    return (
        pending.filter(Q(is_gathered=False) | Q(bundle=F("id")), ~Exists(earlier), whole | tries)
        .filter(due_at__lte=now)
        .order_by("attempts", "due_at", "id")
    )


def _mark(alert: Alert, outcome: Outcome, now: datetime) -> Outcome:
    """Write down what came of a try, unless somebody took the Alert after its lease ran out."""
    match outcome:
        case Delivered():
            # A delivery is a fact whoever holds the lease; a failure is only the holder's to tell.
            _write(alert, now, state=AlertState.SENT, sent_at=now)
            breakers.delivered(alert)
            log.info("alert.sent", alert_id=str(alert.id), attempts=alert.attempts)
        case Retry(error, after):
            wait = wait_after(alert.attempts, random.random(), after)  # noqa: S311 - no secret
            if wait is None:
                return _mark(alert, GaveUp(error), now)
            if _holds(alert):
                _write(alert, now, error, due_at=now + wait)
                breakers.failed(alert, now)
            log.warning("alert.retried", alert_id=str(alert.id), error=error)
        case GaveUp(error, is_gone):
            if _holds(alert):
                _write(alert, now, error, state=AlertState.FAILED)
            log.error("alert.failed", alert_id=str(alert.id), error=error)
            if is_gone:
                subscriptions.gone(alert.subscription, error)
    return outcome


def _holds(alert: Alert) -> bool:
    mine = Alert.objects.filter(id=alert.id, state=AlertState.PENDING, attempts=alert.attempts)
    # Nobody takes it between this and the write, unless the lease runs out in between; then the
    # next holder's mark is written over this one.
    return mine.exists()


def _write(alert: Alert, at: datetime, error: str = "", **values: object) -> None:
    """Mark an Alert and those that its message tells too, as far as they wait."""
    these = Q(bundle=alert.id) if alert.bundle == alert.id else Q(id=alert.id)
    entry = [{"at": at.isoformat(timespec="seconds"), "told": error}]
    tries = CombinedExpression(F("tries"), "||", Value(entry, JSONField()))
    waiting = Alert.objects.filter(these, state=AlertState.PENDING)
    waiting.update(last_error=error, tries=tries, **values)


def _give_back(alert: Alert, now: datetime) -> None:
    """Undo the lease of an Alert that was not tried."""
    mine = Alert.objects.filter(
        id=alert.id, state=AlertState.PENDING, attempts=alert.attempts, due_at=now + LEASE
    )
    mine.update(attempts=F("attempts") - 1, due_at=now)
