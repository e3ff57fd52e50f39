"""Alerts as messages: everything a channel needs to know, read from the database at once."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Sum

from aggregator.channels import Message
from aggregator.models import Alert, Outage, QuarterCount
from aggregator.outage_json import event_document, outage_document
from reports.models import Region

QUARTER = timedelta(minutes=15)


def compose(alerts: Iterable[Alert], now: datetime) -> list[Message]:
    """The message of each Alert, in their order.

    Args:
        alerts: with `subscription` and `event__outage`, its `service` and `cause`, loaded.
        now: when they are tried, aware.
    """
    alerts = list(alerts)
    outages = {alert.event.outage_id: alert.event.outage for alert in alerts}
    types = {key: reported_problem_types(outage, now) for key, outage in outages.items()}
    names = _region_names(alerts)
    return [_message(alert, types[alert.event.outage_id], names, now) for alert in alerts]


def reported_problem_types(outage: Outage, now: datetime) -> list[str]:
    """Slugs of the problem types reported during an Outage, the most frequent first."""
    # The quarter-hour that holds the onset starts up to a quarter-hour before it.
    ranked = (
        QuarterCount.objects.filter(
            service=outage.service_id,
            start__gt=outage.started_at - QUARTER,
            start__lt=outage.ended_at or now,
            problem_type__isnull=False,
        )
        .values_list("problem_type__slug")
        .annotate(reports=Sum("count"))
        .filter(reports__gt=0)
        .order_by("-reports", "problem_type__slug")
    )
    return [slug for slug, _ in ranked]


def _message(
    alert: Alert, problem_types: list[str], names: Mapping[str, str], now: datetime
) -> Message:
    event = alert.event
    return Message(
        id=alert.id,
        target=alert.subscription.target,
        secret=alert.subscription.secret,
        at=now,
        event=event_document(event),
        outage=outage_document(
            event.outage, problem_types=problem_types, site_url=settings.ENV.site_url
        ),
        service_name=event.outage.service.name,
        places=tuple(names[code] for code in event.regions if code in names),
    )


def _region_names(alerts: list[Alert]) -> dict[str, str]:
    codes = {code for alert in alerts for code in alert.event.regions if code}
    return dict(Region.objects.filter(code__in=codes).values_list("code", "name"))
