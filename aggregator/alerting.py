"""The outbox: who is to be told of a move, and telling them, at least once and in order.

`enqueue` writes Alerts in the transaction that writes the move, so none is lost. `deliver_due`
leases them, sends outside any transaction and marks them; whoever dies in between leaves a lease
that runs out, and the Alert is sent again with the same id.
"""

import random
import time
from collections.abc import Generator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from aggregator import subscriptions
from aggregator.channels import Channel, Delivered, GaveUp, Message, Outcome, Retry, open_channels
from aggregator.messages import compose
from aggregator.models import Alert, OutageEvent
from aggregator.models.alert import AlertState
from aggregator.models.outage import EventKind, State
from aggregator.retries import wait_after

LEASE = timedelta(seconds=120)
# What is not begun by then is given back: the rest of the lease is for the tries under way.
BEGIN_SECONDS = 30
SENDERS = 16
BATCH = 500

log = structlog.get_logger(__name__)

# After these moves there is nothing more to say of an Outage, but the ones named.
_SILENT_AFTER: Mapping[str, list[str]] = {
    EventKind.CLOSED: [EventKind.CLOSED, EventKind.RETRACTED],
    EventKind.RETRACTED: [EventKind.RETRACTED],
    EventKind.SCOPE: [EventKind.CLOSED, EventKind.RETRACTED],
}
_ENDING = (EventKind.CLOSED, EventKind.RETRACTED)

_ENQUEUE = """
WITH RECURSIVE above AS (
    SELECT code, parent_id FROM reports_region WHERE code = ANY(%(scope)s)
    UNION
    SELECT region.code, region.parent_id
    FROM reports_region region JOIN above ON region.code = above.parent_id
), below AS (
    SELECT code FROM reports_region WHERE code = ANY(%(scope)s)
    UNION
    SELECT region.code FROM reports_region region JOIN below ON region.parent_id = below.code
), touched AS (
    SELECT code FROM above UNION SELECT code FROM below
), told AS (
    SELECT DISTINCT ON (alert.subscription_id) alert.subscription_id, event.kind
    FROM aggregator_alert alert JOIN aggregator_outageevent event ON event.id = alert.event_id
    WHERE event.outage_id = %(outage)s AND event.id < %(event)s
    ORDER BY alert.subscription_id, event.id DESC
)
INSERT INTO aggregator_alert
    (id, event_id, subscription_id, state, created_at, due_at, attempts, last_error)
SELECT uuidv7(), %(event)s, subscription.id, 'pending', CURRENT_TIMESTAMP, %(at)s, 0, ''
FROM aggregator_subscription subscription
LEFT JOIN told ON told.subscription_id = subscription.id
WHERE subscription.is_active AND (
    told.kind IS NOT NULL AND %(follows)s AND told.kind <> ALL(%(silent_after)s)
    OR NOT %(ends)s
    AND (subscription.service_id IS NULL OR subscription.service_id = %(service)s)
    AND (subscription.region_id IS NULL OR subscription.region_id IN (SELECT code FROM touched))
    AND (subscription.least_state = 'possible' OR %(is_confirmed)s)
)
ON CONFLICT (event_id, subscription_id) DO NOTHING
"""


def enqueue(event: OutageEvent) -> int:
    """Write an Alert for everybody who is to be told of a move; gives how many were written.

    Told are the active Subscriptions to the Service whose Region lies in, or holds, one of the
    scope's, if the Outage now stands as high as they ask for. That an Outage is over, retracted
    or elsewhere is told to those who heard of it before, whatever their Region. Must run inside
    the transaction that writes the move; a second call for the same move writes nothing.
    """
    values: dict[str, bool | int | str | datetime | list[str]] = {
        "event": event.pk,
        "outage": event.outage_id,
        "service": event.outage.service_id,
        "scope": event.regions or [event.region_id],
        "at": event.at,
        "ends": event.kind in _ENDING,
        "follows": event.kind in _SILENT_AFTER,
        "silent_after": list(_SILENT_AFTER.get(event.kind, [])),
        "is_confirmed": event.to_state == State.CONFIRMED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ENQUEUE, values)
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
    channels = open_channels()
    pairs = [
        (channels[alert.subscription.channel] if alert.subscription.is_active else ENDED, message)
        for alert, message in zip(leased.values(), compose(leased.values(), now), strict=True)
    ]
    outcomes: list[Outcome] = []
    with closing(_send_all(pairs)) as answers:
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
    failed = Alert.objects.filter(id__in=list(alert_ids), state=AlertState.FAILED)
    return failed.update(state=AlertState.PENDING, due_at=now, attempts=0)


# -- leases and marks ------------------------------------------------------------------------


def _lease(now: datetime, limit: int) -> list[Alert]:
    """Take due Alerts for the time of the lease and count the try.

    Of one Subscription and Outage only the earliest pending move is due, so no "over" overtakes
    a "confirmed" that waits for its next try. Fresh ones go first: a target that hangs delays
    only those that failed before.
    """
    with transaction.atomic():
        ids = [
            alert.id
            for alert in _due(now).select_for_update(of=("self",), skip_locked=True)[:limit]
        ]
        Alert.objects.filter(id__in=ids).update(attempts=F("attempts") + 1, due_at=now + LEASE)
    wanted = "event__outage__service", "event__outage__cause", "subscription"
    return list(Alert.objects.filter(id__in=ids).select_related(*wanted).order_by("event_id"))


def _due(now: datetime) -> QuerySet[Alert]:
    pending = Alert.objects.filter(state=AlertState.PENDING)
    earlier = pending.filter(
        subscription=OuterRef("subscription"),
        event__outage=OuterRef("event__outage"),
        event__lt=OuterRef("event"),
    )
    return pending.filter(~Exists(earlier), due_at__lte=now).order_by("attempts", "due_at", "id")


def _mark(alert: Alert, outcome: Outcome, now: datetime) -> Outcome:
    """Write down what came of a try, unless somebody took the Alert after its lease ran out."""
    mine = Alert.objects.filter(id=alert.id, state=AlertState.PENDING)
    if not isinstance(outcome, Delivered):
        # A delivery is a fact whoever holds the lease; a failure is only the holder's to tell.
        mine = mine.filter(attempts=alert.attempts)
    match outcome:
        case Delivered():
            mine.update(state=AlertState.SENT, sent_at=now, last_error="")
            log.info("alert.sent", alert_id=str(alert.id), attempts=alert.attempts)
        case Retry(error, after):
            wait = wait_after(alert.attempts, random.random(), after)  # noqa: S311 - no secret
            if wait is None:
                return _mark(alert, GaveUp(error), now)
            mine.update(due_at=now + wait, last_error=error)
            log.warning("alert.retried", alert_id=str(alert.id), error=error)
        case GaveUp(error, is_gone):
            mine.update(state=AlertState.FAILED, last_error=error)
            log.error("alert.failed", alert_id=str(alert.id), error=error)
            if is_gone:
                subscriptions.deactivate(alert.subscription_id, error)
    return outcome


def _give_back(alert: Alert, now: datetime) -> None:
    """Undo the lease of an Alert that was not tried."""
    mine = Alert.objects.filter(
        id=alert.id, state=AlertState.PENDING, attempts=alert.attempts, due_at=now + LEASE
    )
    mine.update(attempts=F("attempts") - 1, due_at=now)


# -- sending ---------------------------------------------------------------------------------


def _send_all(
    pairs: list[tuple[Channel, Message]],
) -> Generator[tuple[UUID, Outcome | None], None, None]:
    """Send many at a time; outcomes as they come, None for what was not begun in time.

    When closed before its end it begins no more: what can't be marked would be sent twice.
    """
    begin_until = time.monotonic() + BEGIN_SECONDS
    with ThreadPoolExecutor(SENDERS, thread_name_prefix="sender") as senders:
        begun = {
            senders.submit(_send, channel, message, begin_until): message.id
            for channel, message in pairs
        }
        try:
            for future in as_completed(begun):
                yield begun[future], future.result()
        finally:
            senders.shutdown(cancel_futures=True)


def _send(channel: Channel, message: Message, begin_until: float) -> Outcome | None:
    if time.monotonic() > begin_until:
        return None
    try:
        return channel.send(message)
    except Exception as error:
        # A fault of ours in one message must not hold up the others.
        log.exception("alert.send_broke", alert_id=str(message.id))
        return Retry(f"internal error ({type(error).__name__})")
