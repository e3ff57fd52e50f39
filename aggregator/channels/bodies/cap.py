"""The Common Alerting Protocol 1.2 (OASIS), which warning systems read.

The order of elements is the schema's. What a crowd says is `Likely` at most, never `Observed`.
"""

from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from aggregator.channels import wording
from aggregator.channels.bodies.site import Site
from aggregator.channels.message import Message

SPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_KIND = {"opened": "Alert", "reopened": "Alert", "retracted": "Cancel", "test": "Alert"}
Fields = list[tuple[str, str]]


def cap_body(message: Message, site: Site) -> bytes:
    """The XML of one alert, update or cancellation."""
    alert = ET.Element("alert", xmlns=SPACE)
    _add(alert, _head(message, site))
    info = ET.SubElement(alert, "info")
    _add(info, _info(message, site))
    area = ET.SubElement(info, "area")
    ET.SubElement(area, "areaDesc").text = ", ".join(message.places) or "worldwide"
    for code in message.event.regions:
        geocode = ET.SubElement(area, "geocode")
        scheme = "ISO3166-2" if "-" in code else "ISO3166-1"
        _add(geocode, [("valueName", scheme), ("value", code)])
    written: bytes = ET.tostring(alert, encoding="utf-8", xml_declaration=True)
    return written


def _head(message: Message, site: Site) -> Fields:
    outage, event = message.outage, message.event
    first = f"{site.host}.outage.{outage.id}"
    is_first = event.kind == "opened"
    kind = _KIND.get(event.kind, "Update")
    fields = [
        ("identifier", first if is_first else f"{first}.{event.id}"),
        ("sender", site.host),
        ("sent", _time(event.at)),
        ("status", "Test" if message.is_test else "Actual"),
        ("msgType", kind),
        ("scope", "Public"),
    ]
    if kind != "Alert":
        fields.append(("references", f"{site.host},{first},{_time(outage.detected_at)}"))
    return fields


def _info(message: Message, site: Site) -> Fields:
    outage = message.outage
    is_over = outage.ended_at is not None
    is_confirmed = outage.confirmed_at is not None
    return [
        ("language", message.language),
        ("category", "Infra"),
        ("event", "Service outage"),
        *([("responseType", "AllClear")] if is_over else []),
        ("urgency", "Past" if is_over else "Immediate"),
        ("severity", "Moderate" if is_confirmed else "Minor"),
        ("certainty", "Likely" if is_confirmed else "Possible"),
        ("onset", _time(outage.started_at)),
        ("senderName", site.name),
        ("headline", wording.headline(message)),
        ("description", wording.description(message)),
        ("web", outage.url),
    ]


def _time(at: datetime) -> str:
    return at.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "-00:00")


def _add(parent: ET.Element, fields: Fields) -> None:
    for name, text in fields:
        ET.SubElement(parent, name).text = _legal(text)


def _legal(text: str) -> str:
    """Without the control characters that XML can't hold."""
    return "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")
