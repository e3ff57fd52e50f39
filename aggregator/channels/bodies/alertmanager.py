"""The body of an Alertmanager webhook, version 4: one alert, firing until the Outage has ended."""

from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from aggregator.channels import wording
from aggregator.channels.bodies.site import Site
from aggregator.channels.message import Message

NEVER = "0001-01-01T00:00:00Z"
ALERT, TEST_ALERT = "OutageDetected", "OutcryTest"


def alertmanager_body(message: Message, site: Site) -> bytes:
    """The JSON of a group with one alert. Its fingerprint stays the same as the scope moves."""
    outage = message.outage
    status = "firing" if outage.ended_at is None else "resolved"
    name = TEST_ALERT if message.is_test else ALERT
    labels = {
        "alertname": name,
        "service": outage.service,
        "region": outage.region or "worldwide",
        "severity": "critical" if outage.confirmed_at else "warning",
    }
    annotations = {
        "summary": wording.headline(message),
        "description": wording.description(message),
    }
    alert = {
        "status": status,
        "labels": labels,
        "annotations": annotations,
        "startsAt": _time(outage.started_at),
        "endsAt": _time(outage.ended_at) if outage.ended_at else NEVER,
        "generatorURL": outage.url,
        "fingerprint": sha256(f"{site.host}:{name}:{outage.id}".encode()).hexdigest()[:16],
    }
    group = {"alertname": name, "service": outage.service}
    document = {
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{name}", service="{outage.service}"}}',
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "outcry",
        "groupLabels": group,
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": site.url,
        "alerts": [alert],
    }
    return msgspec.json.encode(document)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
