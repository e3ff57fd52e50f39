"""Alerts as messages: everything a channel needs to know, read from the database at once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from uuid import UUID

from aggregator import manage_links
from aggregator.channels import Message
from aggregator.channels.message import News
from aggregator.models import Alert, Outage, Subscription
from aggregator.models.alert import BOTH_SECRETS_FOR
from aggregator.outage_json import OutageDocument, event_document
from aggregator.selectors import leads
from aggregator.selectors.outages import documents
from reports.models import Region
from reports.names import local_name


def compose(
    alerts: Iterable[Alert], others: Mapping[UUID, Sequence[Alert]], now: datetime
) -> list[Message]:
    """The message of each Alert, in their order.

    Args:
        alerts: with `subscription`, `event__cause`, `event__outage__service` and
            `event__outage__cause` loaded.
        others: what an Alert's message tells too, by the Alert's id, with the same loaded.
        now: when they are tried, aware.
    """
    alerts = list(alerts)
    told = [*alerts, *chain.from_iterable(others.values())]
    facts = _facts([*{alert.event.outage_id: alert.event.outage for alert in told}.values()], now)
    names = _region_names(told)
    return [
        message_to(
            alert.subscription,
            alert.id,
            [_news(one, facts, names, alert.subscription.language) for one in latest],
            now,
        )
        for alert in alerts
        for latest in [_latest([alert, *others.get(alert.id, ())])]
    ]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What is known of Outages now, by their ids.

    Attributes:
        documents: their JSON.
        unmentioned: those of which the vendor's own page says nothing.
    """

    documents: Mapping[int, OutageDocument]
    unmentioned: frozenset[int]


def _facts(outages: Sequence[Outage], now: datetime) -> _Facts:
    told = leads.beside(outages, now)
    found = documents(outages, told)
    return _Facts({one.id: one for one in found}, leads.unmentioned(outages, told, now))


def _news(alert: Alert, facts: _Facts, names: Mapping[str, str], language: str) -> News:
    event = alert.event
    return News(
        event=event_document(event),
        outage=facts.documents[event.outage_id],
        service_name=event.outage.service.name,
        places=tuple(
            local_name(code, names[code], language) for code in event.regions if code in names
        ),
        cause_name=event.cause.name if event.cause else "",
        is_unmentioned=event.outage_id in facts.unmentioned,
        service_id=event.outage.service_id,
        service_since=event.outage.service.created_at,
    )


def _latest(alerts: Iterable[Alert]) -> list[Alert]:
    """The latest move of each Outage that a message tells, in the order of the moves."""
    last = {one.event.outage_id: one for one in sorted(alerts, key=lambda one: one.event_id)}
    return sorted(last.values(), key=lambda one: one.event_id)


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
        cause_name=first.cause_name,
        is_unmentioned=first.is_unmentioned,
        service_id=first.service_id,
        service_since=first.service_since,
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
