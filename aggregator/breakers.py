"""A circuit breaker for each Subscription: a target that fails again and again is left alone.

Its Alerts wait without spending their tries. When the pause is over one of them tries; what comes
of it opens or closes the breaker for all.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import F, Value
from django.db.models.functions import Coalesce

from aggregator import metrics, subscriptions
from aggregator.models import Alert, Subscription

# So many failed tries in a row, of whichever Alerts, break the circuit.
MOST_FAILURES = 5
SHORTEST = timedelta(seconds=30)
LONGEST = timedelta(hours=1)
# After so long without any delivery the Subscription ends.
PATIENCE = timedelta(days=5)


def pause(failures: int) -> timedelta | None:
    """How long a target is left alone after so many failures in a row; None: not yet.

    >>> pause(4) is None, pause(5), pause(7), pause(99)
    (True, datetime.timedelta(seconds=30), datetime.timedelta(seconds=120), \
datetime.timedelta(seconds=3600))
    """
    if failures < MOST_FAILURES:
        return None
    return min(SHORTEST * (1 << min(failures - MOST_FAILURES, 10)), LONGEST)


def failed(alert: Alert, now: datetime) -> None:
    """Note a failed try. A race of two may count one of them; inexact is fine here."""
    subscription = alert.subscription
    subscription.failures += 1
    wait = pause(subscription.failures)
    mine = Subscription.objects.filter(id=subscription.pk)
    # Of several that fail at once, one finds it closed.
    if wait and mine.filter(broken_until=None).update(broken_until=now + wait):
        metrics.BREAKERS.labels("opened").inc()
    mine.update(
        failures=F("failures") + 1,
        failing_since=Coalesce(F("failing_since"), Value(now)),
        broken_until=now + wait if wait else None,
    )
    if subscription.failing_since and now - subscription.failing_since > PATIENCE:
        subscriptions.deactivate(subscription.pk, f"nothing delivered for {PATIENCE.days} days")


def hold(alert_ids: Collection[UUID], until: datetime) -> None:
    """Let no other Alert try the broken targets of these while they do."""
    broken = Subscription.objects.filter(failures__gte=MOST_FAILURES)
    broken.filter(alerts__id__in=alert_ids).update(broken_until=until)


def delivered(alert: Alert) -> None:
    """Close the circuit."""
    if alert.subscription.failures:
        close(alert.subscription_id)


def close(subscription_id: int) -> None:
    """Forget the failures of a Subscription."""
    mine = Subscription.objects.filter(id=subscription_id)
    if mine.exclude(broken_until=None).update(broken_until=None):
        metrics.BREAKERS.labels("closed").inc()
    mine.update(failures=0, failing_since=None)
