"""The bodies of a Statuspage webhook, so that what takes theirs takes ours unmodified.

The shapes are those of the incident and component notifications in zulip/zulip,
`zerver/webhooks/statuspage`.
"""

from datetime import UTC, datetime

import msgspec

from aggregator.channels import wording
from aggregator.channels.bodies.site import Site
from aggregator.channels.message import Message
from aggregator.statuspage_ids import Kind, id_of

_PAGE = id_of(Kind.PAGE, 0)
_STATUS = {"possible": "investigating", "confirmed": "identified"}


def statuspage_impact(state: str, region: str | None) -> str:
    """How bad an Outage is in Statuspage's words.

    >>> statuspage_impact("possible", None), statuspage_impact("confirmed", "US")
    ('minor', 'major')
    >>> statuspage_impact("confirmed", None), statuspage_impact("over", None)
    ('critical', 'none')
    """
    if state == "possible":
        return "minor"
    if state != "confirmed":
        return "none"
    return "major" if region else "critical"


def component_status(state: str | None, region: str | None) -> str:
    """How an Outage in a state makes its Service look in Statuspage's words.

    >>> component_status("possible", "US"), component_status("confirmed", "US")
    ('degraded_performance', 'partial_outage')
    >>> component_status("confirmed", None), component_status("over", None)
    ('major_outage', 'operational')
    """
    if state == "possible":
        return "degraded_performance"
    if state != "confirmed":
        return "operational"
    return "partial_outage" if region else "major_outage"


def statuspage_time(at: datetime | None) -> str | None:
    """An instant in UTC with milliseconds, or null.

    >>> statuspage_time(datetime(2026, 3, 18, 14, 5, tzinfo=UTC))
    '2026-03-18T14:05:00.000Z'
    """
    if at is None:
        return None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def statuspage_body(message: Message, site: Site) -> bytes:
    """The JSON of an incident that moved, with this move as its update."""
    outage, event = message.outage, message.event
    impact = statuspage_impact(outage.state, outage.region)
    worst = statuspage_impact("confirmed" if outage.confirmed_at else "possible", outage.region)
    document = {
        **_frame(message, site, impact),
        "incident": {
            **_incident(message, worst),
            "incident_updates": [_update(message)],
            "page_id": _PAGE,
            "shortlink": outage.url,
            "created_at": statuspage_time(outage.detected_at),
            "updated_at": statuspage_time(event.at),
            "resolved_at": statuspage_time(outage.ended_at),
        },
    }
    return msgspec.json.encode(document)


def component_body(message: Message, site: Site) -> bytes:
    """The JSON of a Service, as a component, whose status this move changed.

    A move that leaves it as it was (another scope, another cause) says so: both are the same.
    """
    event, at = message.event, statuspage_time(message.event.at)
    key = id_of(Kind.SERVICE, message.service_id)
    status = component_status(event.to_state, event.region)
    document = {
        **_frame(message, site, statuspage_impact(event.to_state, event.region)),
        "component": {
            "id": key,
            "name": message.service_name,
            "status": status,
            "created_at": statuspage_time(message.service_since or event.at),
            "updated_at": at,
            "position": 1,
            "description": None,
            "showcase": True,
            "page_id": _PAGE,
            "group_id": None,
        },
        "component_update": {
            "id": id_of(Kind.EVENT, event.id),
            "component_id": key,
            "component_type": "Component",
            "old_status": component_status(event.from_state, event.region),
            "new_status": status,
            "created_at": at,
        },
    }
    return msgspec.json.encode(document)


def _frame(message: Message, site: Site, indicator: str) -> dict[str, object]:
    return {
        "meta": {
            "unsubscribe": message.stop_url,
            "documentation": f"{site.url}/api/docs",
            "generated_at": statuspage_time(message.at),
        },
        "page": {
            "id": _PAGE,
            "status_indicator": indicator,
            "status_description": wording.headline(message),
        },
    }


def _incident(message: Message, impact: str) -> dict[str, object]:
    return {
        "id": id_of(Kind.OUTAGE, message.outage.id),
        "name": wording.headline(message),
        "status": _STATUS.get(message.event.to_state, "resolved"),
        "impact": impact,
        "impact_override": None,
        "backfilled": False,
        "monitoring_at": None,
        "postmortem_body": None,
        "postmortem_body_last_updated_at": None,
        "postmortem_ignored": False,
        "postmortem_notified_subscribers": False,
        "postmortem_notified_twitter": False,
        "postmortem_published_at": None,
        "scheduled_for": None,
        "scheduled_until": None,
        "scheduled_auto_completed": False,
        "scheduled_auto_in_progress": False,
        "scheduled_remind_prior": False,
        "scheduled_reminded_at": None,
    }


def _update(message: Message) -> dict[str, object]:
    at = statuspage_time(message.event.at)
    return {
        "id": id_of(Kind.EVENT, message.event.id),
        "incident_id": id_of(Kind.OUTAGE, message.outage.id),
        "status": _STATUS.get(message.event.to_state, "resolved"),
        "body": wording.description(message),
        "created_at": at,
        "updated_at": at,
        "display_at": at,
        "affected_components": None,
        "twitter_updated_at": None,
        "wants_twitter_update": False,
    }
