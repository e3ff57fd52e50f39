"""What is told together: Alerts of one Subscription bound into one message, for good.

The binding is written before the message is sent, so a message that is repeated after a crash has
the same id and says the same.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection

from aggregator.models import Alert

MOST = 5_000
# Two who bind at once would make two messages of one.
_LOCK = 0x6F75_7463_7279_0006

_BIND = """
UPDATE aggregator_alert SET bundle = free.leader
FROM (
    SELECT id, first_value(id) OVER (PARTITION BY subscription_id ORDER BY event_id, id) AS leader
    FROM aggregator_alert
    WHERE state = 'pending' AND is_gathered AND bundle IS NULL AND due_at <= %(now)s
        AND subscription_id IN (
            SELECT subscription_id FROM aggregator_alert
            WHERE state = 'pending' AND is_gathered AND bundle IS NULL AND due_at <= %(now)s
            LIMIT %(most)s
        )
) free
WHERE aggregator_alert.id = free.id
"""


def bind(now: datetime) -> int:
    """Bind what is due to be told together; gives how many. Must run inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        row = cursor.fetchone()
        if not (row and row[0]):
            return 0
        cursor.execute(_BIND, {"now": now, "most": MOST})
        return int(cursor.rowcount)


def followers(alerts: Iterable[Alert]) -> dict[UUID, list[Alert]]:
    """The other Alerts that each of these tells too, by its id, with their Outages loaded."""
    leaders = [alert.id for alert in alerts if alert.bundle == alert.id]
    found: dict[UUID, list[Alert]] = {}
    if leaders:
        rows = Alert.objects.filter(bundle__in=leaders).exclude(id__in=leaders)
        wanted = "event__cause", "event__outage__service", "event__outage__cause"
        for alert in rows.select_related(*wanted).order_by("event_id"):
            found.setdefault(alert.bundle or alert.id, []).append(alert)
    return found
