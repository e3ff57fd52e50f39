"""What a webhook says: one module a style, each a pure function of the message and the site."""

from collections.abc import Callable, Mapping

from aggregator.channels.bodies.alertmanager import alertmanager_body
from aggregator.channels.bodies.cap import cap_body
from aggregator.channels.bodies.outcry import outcry_body
from aggregator.channels.bodies.site import Site
from aggregator.channels.bodies.statuspage import component_body, statuspage_body
from aggregator.channels.message import Message

__all__ = ["Site", "body_of"]

JSON = "application/json"
_BODIES: Mapping[str, tuple[str, Callable[[Message, Site], bytes]]] = {
    "outcry": (JSON, outcry_body),
    "statuspage": (JSON, statuspage_body),
    "component": (JSON, component_body),
    "alertmanager": (JSON, alertmanager_body),
    "cap": ("application/cap+xml", cap_body),
}


def body_of(message: Message, site: Site) -> tuple[str, bytes]:
    """The media type and the body, in the message's style and language."""
    media_type, body = _BODIES[message.style]
    return media_type, body(message, site)
