"""The body of a Statuspage webhook, so that what takes theirs takes ours unmodified.

The shape is that of the incident notifications in zulip/zulip, `zerver/webhooks/statuspage`.
"""

from datetime import UTC, datetime

import msgspec

from aggregator.channels import wording
from aggregator.channels.bodies.site import Site
from aggregator.channels.message import Message
from aggregator.statuspage_ids import Kind, id_of

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
    page = id_of(Kind.PAGE, 0)
    document = {
        "meta": {
            "unsubscribe": message.stop_url,
            "documentation": f"{site.url}/api/docs",
            "generated_at": statuspage_time(message.at),
        },
        "page": {
            "id": page,
            "status_indicator": impact,
            "status_description": wording.headline(message),
        },
        "incident": {
            **_incident(message, worst),
            "incident_updates": [_update(message)],
            "page_id": page,
            "shortlink": outage.url,
            "created_at": statuspage_time(outage.detected_at),
            "updated_at": statuspage_time(event.at),
            "resolved_at": statuspage_time(outage.ended_at),
        },
    }
    return msgspec.json.encode(document)


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
