"""The bodies of a Statuspage webhook, so that what takes theirs takes ours unmodified.

The shapes are those of the incident and component notifications in zulip/zulip,
`zerver/webhooks/statuspage`.
"""

import msgspec

from aggregator.channels import wording
from aggregator.channels.bodies.site import Site
from aggregator.channels.message import Message
from aggregator.statuspage_ids import Kind, id_of
from aggregator.statuspage_words import component_status, impact_of, incident_status, stamp

_PAGE = id_of(Kind.PAGE, 0)


def statuspage_body(message: Message, site: Site) -> bytes:
    """The JSON of an incident that moved, with this move as its update."""
    outage, event = message.outage, message.event
    impact = impact_of(outage.state, outage.region)
    worst = impact_of("confirmed" if outage.confirmed_at else "possible", outage.region)
    document = {
        **_frame(message, site, impact),
        "incident": {
            **_incident(message, worst),
            "incident_updates": [_update(message)],
            "page_id": _PAGE,
            "shortlink": outage.url,
            "created_at": stamp(outage.detected_at),
            "updated_at": stamp(event.at),
            "resolved_at": stamp(outage.ended_at) if outage.ended_at else None,
        },
    }
    return msgspec.json.encode(document)


def component_body(message: Message, site: Site) -> bytes:
    """The JSON of a Service, as a component, whose status this move changed.

    A move that leaves it as it was (another scope, another cause) says so: both are the same.
    """
    event, at = message.event, stamp(message.event.at)
    key = id_of(Kind.SERVICE, message.service_id)
    status = component_status(event.to_state, event.region)
    document = {
        **_frame(message, site, impact_of(event.to_state, event.region)),
        "component": {
            "id": key,
            "name": message.service_name,
            "status": status,
            "created_at": stamp(message.service_since or event.at),
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
            "generated_at": stamp(message.at),
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
        "status": incident_status(message.event.to_state),
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
    at = stamp(message.event.at)
    return {
        "id": id_of(Kind.EVENT, message.event.id),
        "incident_id": id_of(Kind.OUTAGE, message.outage.id),
        "status": incident_status(message.event.to_state),
        "body": wording.description(message),
        "created_at": at,
        "updated_at": at,
        "display_at": at,
        "affected_components": None,
        "twitter_updated_at": None,
        "wants_twitter_update": False,
    }
