"""Making, changing and ending Subscriptions."""

import base64
import secrets
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from aggregator.channels.destination import is_public
from aggregator.models import Subscription
from aggregator.models.alert import SubscriptionChannel
from aggregator.models.outage import State
from reports.models import Region, Service

SECRET_BYTES = 32
LONGEST_TARGET = 2000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to be told, and where.

    Attributes:
        channel: a `SubscriptionChannel`.
        target: an `https://` or `http://` address, or an e-mail address.
        service: a slug; empty: all Services.
        region: a Region's code; None: everywhere.
        least_state: `possible` or `confirmed`.
    """

    channel: str
    target: str
    service: str = ""
    region: str | None = None
    least_state: str = State.CONFIRMED


def create(wish: Wish) -> Subscription:
    """A new active Subscription; a webhook's has its secret.

    Raises:
        ValidationError: with the messages by field.
    """
    target = wish.target.strip()
    is_webhook = wish.channel == SubscriptionChannel.WEBHOOK
    check_target(wish.channel, target)
    subscription = Subscription(
        channel=wish.channel,
        target=target,
        secret=new_secret() if is_webhook else "",
        service=_service(wish.service),
        region=_region(wish.region),
        least_state=wish.least_state,
    )
    subscription.full_clean()
    subscription.save()
    log.info("subscription.created", subscription_id=subscription.pk, channel=wish.channel)
    return subscription


def deactivate(subscription_id: int, reason: str) -> bool:
    """End a Subscription; what is still pending for it fails when it is due. False: was ended."""
    active = Subscription.objects.filter(id=subscription_id, is_active=True)
    ended = active.update(is_active=False, disabled_reason=reason) == 1
    if ended:
        log.info("subscription.ended", subscription_id=subscription_id, reason=reason)
    return ended


def rotate(subscription_id: int) -> str:
    """Give a webhook a new secret, used from the next try on, and return it.

    Raises:
        Subscription.DoesNotExist: when there is no such webhook.
    """
    webhooks = Subscription.objects.filter(channel=SubscriptionChannel.WEBHOOK)
    subscription = webhooks.get(id=subscription_id)
    subscription.secret = new_secret()
    subscription.save(update_fields=["secret"])
    log.info("subscription.secret_rotated", subscription_id=subscription_id)
    return subscription.secret


def new_secret() -> str:
    """A random secret as Standard Webhooks writes it: `whsec_` and base64 of 32 bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def check_target(channel: str, target: str) -> None:
    """Refuse what can't be an address of the channel. Nothing is looked up.

    Raises:
        ValidationError: for the field `target`.
    """
    if len(target) > LONGEST_TARGET:
        raise ValidationError({"target": f"Longer than {LONGEST_TARGET} characters."})
    if channel == SubscriptionChannel.EMAIL:
        try:
            validate_email(target)
        except ValidationError as error:
            raise ValidationError({"target": error.messages}) from error
    elif channel == SubscriptionChannel.WEBHOOK and (fault := _url_fault(target)):
        raise ValidationError({"target": fault})


def _url_fault(text: str) -> str:
    try:
        url = urlsplit(text)
        host, _ = url.hostname, url.port
    except ValueError:
        return "Not an address."
    if url.scheme not in {"https", "http"} or not host or any(c.isspace() for c in text):
        return "Not an https:// or http:// address."
    if url.username is not None or url.password is not None:
        return "A name or password in the address would be seen by others."
    if not settings.ENV.webhook_allow_private and _is_inside(host):
        return "Not an address on the public internet."
    return ""


def _is_inside(host: str) -> bool:
    """Whether the name alone says so; what it resolves to is judged at every sending."""
    name = host.rstrip(".")
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal")):
        return True
    try:
        return not is_public(str(ip_address(name)))
    except ValueError:
        # A last label that is a number makes the whole an old-style IPv4 address, like 0x7f.1.
        return name.rpartition(".")[2][:1].isdigit()


def _service(slug: str) -> Service | None:
    if not slug:
        return None
    found = Service.objects.filter(slug=slug, is_active=True).first()
    if found is None:
        raise ValidationError({"service": f"There is no service {slug}."})
    return found


def _region(code: str | None) -> Region | None:
    if code is None:
        return None
    found = Region.objects.filter(code=code).first()
    if found is None:
        raise ValidationError({"region": f"There is no region {code}."})
    return found
