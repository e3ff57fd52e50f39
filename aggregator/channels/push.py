"""Web push: encrypted for one browser (RFC 8291), signed for its push service (RFC 8292)."""

import base64
import binascii
import json
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from django.utils import translation
from py_vapid import Vapid02
from pywebpush import WebPusher

from aggregator.channels.message import GaveUp, Message, Outcome
from aggregator.channels.post import MALFORMED, Answer, Poster, outcome
from aggregator.channels.wording import headline, lines

DAY_SECONDS = 86_400
# A browser's public key is a point of P-256, its secret sixteen bytes (RFC 8291, 3.2).
POINT_BYTES, SECRET_BYTES = 65, 16
GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


class BrowserKeys(msgspec.Struct, frozen=True):
    """What a browser gives with its endpoint, each base64url without padding.

    Attributes:
        p256dh: its public key.
        auth: its secret.
    """

    p256dh: str
    auth: str


@dataclass(frozen=True, slots=True)
class PushChannel:
    """Sends to the endpoint that a browser named.

    Attributes:
        private_key: the site's, PEM.
        contact: for the push service's operator, `mailto:…` or `https://…`.
        poster: makes the request.
    """

    private_key: str
    contact: str
    poster: Poster = field(default_factory=Poster)

    def send(self, message: Message) -> Outcome:
        """Post once; 404 and 410 say that the browser wants no more."""
        try:
            body = sealed(message)
            headers = self._headers(message)
        except (ValueError, TypeError, msgspec.DecodeError, UnsupportedAlgorithm):
            return GaveUp(MALFORMED, is_gone=True)
        answer = self.poster.post(message.target, body, headers)
        if not isinstance(answer, Answer):
            return answer
        if answer.status in GONE:
            return GaveUp(f"HTTP {answer.status}", is_gone=True)
        return outcome(answer, message.at)

    def _headers(self, message: Message) -> dict[str, str]:
        parts = urlsplit(message.target)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "exp": int(message.at.timestamp()) + DAY_SECONDS // 2,
            "sub": self.contact,
        }
        signed: dict[str, str] = Vapid02.from_pem(self.private_key.encode()).sign(claims)
        return {
            **signed,
            "content-encoding": "aes128gcm",
            "content-type": "application/octet-stream",
            "ttl": str(DAY_SECONDS),
            "urgency": "high",
            # A later message of the same Outage takes the place of one not yet shown.
            "topic": f"outage-{message.outage.id}",
        }


def payload(message: Message) -> dict[str, str]:
    """What the service worker shows, in the subscriber's language."""
    with translation.override(message.language):
        return {
            "title": headline(message),
            "body": "\n".join(lines(message)),
            "url": message.manage_url if message.is_test else message.outage.url,
            "tag": f"outage-{message.outage.id}",
        }


def sealed(message: Message) -> bytes:
    """The payload, readable by the one browser alone.

    Raises:
        ValueError: when the keys are none (msgspec.DecodeError too).
    """
    keys = msgspec.json.decode(message.secret, type=BrowserKeys)
    check_keys(keys)
    pusher = WebPusher({"endpoint": message.target, "keys": msgspec.to_builtins(keys)})
    sealed_body: bytes = pusher.encode(json.dumps(payload(message)).encode())["body"]
    return sealed_body


def check_keys(keys: BrowserKeys) -> None:
    """Refuse keys of the wrong size.

    Raises:
        ValueError: for these.
    """
    try:
        sizes = [len(base64.urlsafe_b64decode(text + "==")) for text in (keys.p256dh, keys.auth)]
    except (binascii.Error, UnicodeError) as error:
        raise ValueError("not base64") from error
    if sizes != [POINT_BYTES, SECRET_BYTES]:
        raise ValueError("not the keys of a browser")
