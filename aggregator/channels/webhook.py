"""Signed webhooks after Standard Webhooks, to public addresses only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC

from django.utils import translation
from standardwebhooks import Webhook
from standardwebhooks.webhooks import EmptyWebhookSecretError

from aggregator.channels.bodies import Site, body_of
from aggregator.channels.destination import Network, Resolver, look_up
from aggregator.channels.message import GaveUp, Message, Outcome
from aggregator.channels.post import MALFORMED, Answer, Poster, outcome


@dataclass(frozen=True, slots=True)
class WebhookChannel:
    """Posts what moved, signed, to the target's address, in the style it asks for.

    Attributes:
        allowed: networks inside that the operator's own Subscriptions may reach.
        resolve: looks names up.
        site: named where a style has a place for it.
    """

    allowed: Sequence[Network] = ()
    resolve: Resolver = look_up
    site: Site = field(default_factory=Site)

    def send(self, message: Message) -> Outcome:
        """Post once, following no redirect."""
        media_type, body = _body(message, self.site)
        try:
            headers = {"content-type": media_type, **signed_headers(message, body)}
        except (ValueError, EmptyWebhookSecretError):
            return GaveUp(MALFORMED)
        poster = Poster(self.allowed if message.is_trusted else (), self.resolve)
        answer = poster.post(message.target, body, headers)
        return outcome(answer, message.at) if isinstance(answer, Answer) else answer


def _body(message: Message, site: Site) -> tuple[str, bytes]:
    with translation.override(message.language):
        return body_of(message, site)


def signed_headers(message: Message, body: bytes) -> dict[str, str]:
    """The headers of Standard Webhooks for one try; two signatures while secrets change.

    Raises:
        ValueError: when a secret is not base64.
        EmptyWebhookSecretError: when there is none.
    """
    at = message.at.astimezone(UTC)
    secrets = [secret for secret in (message.secret, message.earlier_secret) if secret]
    signed = [Webhook(one).sign(str(message.id), at, body.decode()) for one in secrets or [""]]
    return {
        "user-agent": "Outcry",
        "webhook-id": str(message.id),
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signed),
    }
