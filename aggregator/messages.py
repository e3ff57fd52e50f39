"""Alerts as messages: everything a channel needs to know, read from the database at once."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

from django.conf import settings
from django.db.models import Sum

from aggregator import manage_links
from aggregator.channels import Message
from aggregator.channels.message import News
from aggregator.models import Alert, Outage, QuarterCount, Subscription
from aggregator.models.alert import BOTH_SECRETS_FOR
from aggregator.outage_json import event_document, outage_document
from reports.models import Region

QUARTER = timedelta(minutes=15)


def compose(
    alerts: Iterable[Alert], others: Mapping[UUID, Sequence[Alert]], now: datetime
) -> list[Message]:
    """The message of each Alert, in their order.

    Args:
        alerts: with `subscription` and `event__outage`, its `service` and `cause`, loaded.
        others: what an Alert's message tells too, by the Alert's id, with the same loaded.
        now: when they are tried, aware.
    """
    alerts = list(alerts)
    told = [*alerts, *chain.from_iterable(others.values())]
    outages = {alert.event.outage_id: alert.event.outage for alert in told}
    types = {key: reported_problem_types(outage, now) for key, outage in outages.items()}
    names = _region_names(told)
    news = {alert.id: _news(alert, types[alert.event.outage_id], names) for alert in told}
    return [
        message_to(alert.subscription, alert.id, _latest(alert, others, news), now)
        for alert in alerts
    ]


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


def _news(alert: Alert, problem_types: list[str], names: Mapping[str, str]) -> News:
    event = alert.event
    return News(
        event=event_document(event),
        outage=outage_document(
            event.outage, problem_types=problem_types, site_url=settings.ENV.site_url
        ),
        service_name=event.outage.service.name,
        places=tuple(names[code] for code in event.regions if code in names),
    )


def _latest(
    alert: Alert, others: Mapping[UUID, Sequence[Alert]], news: Mapping[UUID, News]
) -> list[News]:
    """The latest move of each Outage that a message tells, in the order of the moves."""
    told = sorted([alert, *others.get(alert.id, ())], key=lambda one: one.event_id)
    last = {one.event.outage_id: one for one in told}
    return [news[one.id] for one in sorted(last.values(), key=lambda one: one.event_id)]


def message_to(
    subscription: Subscription, message_id: UUID, told: Sequence[News], now: datetime
) -> Message:
    """What is to be told, addressed.

    Args:
        subscription: to whom.
        message_id: stays the same when it is sent again.
        told: at least one, in order.
        now: when it is tried, aware.
    """
    first = told[0]
    has_second = subscription.rotated_at and now - subscription.rotated_at < BOTH_SECRETS_FOR
    return Message(
        id=message_id,
        target=subscription.target,
        secret=subscription.secret,
        earlier_secret=subscription.earlier_secret if has_second else "",
        at=now,
        event=first.event,
        outage=first.outage,
        service_name=first.service_name,
        places=first.places,
        style=subscription.style,
        is_trusted=subscription.by_operator,
        language=subscription.language,
        time_zone=subscription.time_zone,
        stop_url=manage_links.stop_url(subscription.pk),
        manage_url=manage_links.manage_url(subscription.pk),
        together=tuple(told) if len(told) > 1 else (),
    )


def _region_names(alerts: list[Alert]) -> dict[str, str]:
    codes = {code for alert in alerts for code in alert.event.regions if code}
    return dict(Region.objects.filter(code__in=codes).values_list("code", "name"))
