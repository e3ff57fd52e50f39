"""Making, changing and ending Subscriptions."""

import base64
import secrets
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from aggregator import refusals
from aggregator.models import Alert, Subscription
from aggregator.models.alert import Cadence, Style, SubscriptionChannel
from aggregator.models.outage import State
from aggregator.targets import check_browser_keys, check_target
from reports.models import ApiKey, Category, Region, Service

SECRET_BYTES = 32
# People are told of so many moves in an hour at once, the others together.
HOURLY_CAP = 6
# More for one target would be somebody else's doing, or a mistake.
MOST_OF_ONE_TARGET = 50
# What ended by itself stays this long, so that its owner can see why and begin anew.
KEPT_ENDED = timedelta(days=30)
FOR_MACHINES = (SubscriptionChannel.WEBHOOK,)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Manner:
    """How somebody wants to be told.

    Attributes:
        language: one of the site's.
        time_zone: an IANA name.
        cadence: a `Cadence`; webhooks are told at once.
        quiet_from: in the subscriber's zone, with `quiet_until`; None: no quiet hours.
        quiet_until: their end; before their beginning: the next morning.
        style: a webhook's body, a `Style`.
    """

    language: str = "en"
    time_zone: str = "UTC"
    cadence: str = Cadence.INSTANT
    quiet_from: time | None = None
    quiet_until: time | None = None
    style: str = Style.OUTCRY


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to be told, and where.

    Attributes:
        channel: a `SubscriptionChannel`.
        target: an `https://` or `http://` address, an e-mail address, a chat service's address.
        service: a slug; empty: all Services.
        region: a Region's code; None: everywhere.
        least_state: `possible` or `confirmed`.
        category: a slug; empty: all Categories.
        browser_keys: of web push alone, JSON.
        manner: how.
    """

    channel: str
    target: str
    service: str = ""
    region: str | None = None
    least_state: str = State.CONFIRMED
    category: str = ""
    browser_keys: str = ""
    manner: Manner = field(default_factory=Manner)


def create(wish: Wish, *, by_operator: bool = False, owner: ApiKey | None = None) -> Subscription:
    """A new active Subscription; a webhook's has its secret.

    The same wish of the same target is the same Subscription, with the manner wished last; but
    every webhook is one of its own.

    Raises:
        ValidationError: with the messages by field.
    """
    subscription = wished(wish, by_operator=by_operator)
    if wish.channel == SubscriptionChannel.EMAIL and refusals.is_refused(subscription.target):
        raise ValidationError({"target": _("This address wants no mail from here.")})
    subscription.owner = owner
    same = None if wish.channel in FOR_MACHINES else same_as(subscription)
    if same is not None:
        subscription.pk, subscription.created_at = same.pk, same.created_at
    elif _of_target(subscription).count() >= MOST_OF_ONE_TARGET:
        raise ValidationError({"target": _("Too many subscriptions of this target.")})
    subscription.save()
    log.info("subscription.created", subscription_id=subscription.pk, channel=wish.channel)
    return subscription


def wished(wish: Wish, *, by_operator: bool = False) -> Subscription:
    """What a wish would make, checked and not saved.

    Raises:
        ValidationError: with the messages by field.
    """
    target = wish.target.strip()
    is_webhook = wish.channel == SubscriptionChannel.WEBHOOK
    check_target(wish.channel, target, is_trusted=by_operator)
    if wish.channel == SubscriptionChannel.PUSH:
        check_browser_keys(wish.browser_keys)
    subscription = Subscription(
        channel=wish.channel,
        target=target,
        secret=new_secret() if is_webhook else wish.browser_keys,
        service=_service(wish.service),
        category=_category(wish.category),
        region=_region(wish.region),
        least_state=wish.least_state,
        hourly_cap=None if wish.channel in FOR_MACHINES else HOURLY_CAP,
        by_operator=by_operator,
    )
    take_manner(subscription, wish.manner)
    subscription.full_clean()
    return subscription


def take_manner(subscription: Subscription, manner: Manner) -> None:
    """Write a manner into a Subscription; nothing is saved.

    Raises:
        ValidationError: with the messages by field.
    """
    _check_manner(subscription.channel, manner)
    for name in ("language", "time_zone", "cadence", "quiet_from", "quiet_until", "style"):
        setattr(subscription, name, getattr(manner, name))


def change(subscription: Subscription, manner: Manner, least_state: str) -> None:
    """Take another manner and least state from now on; what is waiting is told as planned.

    Raises:
        ValidationError: with the messages by field.
    """
    take_manner(subscription, manner)
    subscription.least_state = least_state
    subscription.full_clean()
    names = "language", "time_zone", "cadence", "quiet_from", "quiet_until", "style", "least_state"
    subscription.save(update_fields=names)


def same_as(subscription: Subscription) -> Subscription | None:
    """The active Subscription of the same target to the same things."""
    return (
        _of_target(subscription)
        .filter(
            service=subscription.service,
            category=subscription.category,
            region=subscription.region,
        )
        .first()
    )


def deactivate(subscription_id: int, reason: str) -> bool:
    """End a Subscription; what is still pending for it fails when it is due. False: was ended."""
    active = Subscription.objects.filter(id=subscription_id, is_active=True)
    ended = active.update(is_active=False, disabled_reason=reason, ended_at=timezone.now()) == 1
    if ended:
        log.info("subscription.ended", subscription_id=subscription_id, reason=reason)
    return ended


def gone(subscription: Subscription, reason: str) -> None:
    """The target wants no more. A webhook's owner can see why; a browser's is forgotten."""
    if subscription.channel == SubscriptionChannel.PUSH:
        forget(subscription.pk)
    else:
        deactivate(subscription.pk, reason)


def resume(subscription_id: int) -> bool:
    """Begin anew with a Subscription that ended by itself. False: it had not ended."""
    ended = Subscription.objects.filter(id=subscription_id, is_active=False)
    begun = ended.update(
        is_active=True,
        disabled_reason="",
        ended_at=None,
        failures=0,
        failing_since=None,
        broken_until=None,
    )
    return begun == 1


def forget(subscription_id: int) -> None:
    """Delete a Subscription, its target and what was told to it. For the subscriber's own wish."""
    Subscription.objects.filter(id=subscription_id).delete()
    log.info("subscription.forgotten", subscription_id=subscription_id)


def forget_target(subscription: Subscription) -> int:
    """Delete all Subscriptions of one target; gives how many."""
    found = Subscription.objects.filter(channel=subscription.channel, target=subscription.target)
    count = found.count()
    found.delete()
    return count


def siblings(subscription: Subscription) -> list[Subscription]:
    """All Subscriptions that the holder of this one's link may see, this one first.

    Of a mail address these are all: the link was mailed there. Others prove nothing about the
    rest of their target's.
    """
    found = Q(pk=subscription.pk)
    if subscription.channel == SubscriptionChannel.EMAIL:
        found |= Q(channel=subscription.channel, target=subscription.target)
    rows = Subscription.objects.filter(found).select_related("service", "category", "region")
    return sorted(rows, key=lambda one: (one.pk != subscription.pk, one.pk))


def latest_alerts(subscription: Subscription, count: int) -> list[Alert]:
    """What was told last, newest first, with the moves and their Services (one query)."""
    alerts = Alert.objects.filter(subscription=subscription).select_related(
        "event__outage__service"
    )
    return list(alerts.order_by("-created_at", "-id")[:count])


def rotate(subscription_id: int) -> str:
    """Give a webhook a new secret, used from the next try on, and return it.

    The one before signs too for a day, so that the receiver can change without missing anything.

    Raises:
        Subscription.DoesNotExist: when there is no such webhook.
    """
    webhooks = Subscription.objects.filter(channel=SubscriptionChannel.WEBHOOK)
    subscription = webhooks.get(id=subscription_id)
    subscription.earlier_secret, subscription.secret = subscription.secret, new_secret()
    subscription.rotated_at = timezone.now()
    subscription.save(update_fields=["secret", "earlier_secret", "rotated_at"])
    log.info("subscription.secret_rotated", subscription_id=subscription_id)
    return subscription.secret


def new_secret() -> str:
    """A random secret as Standard Webhooks writes it: `whsec_` and base64 of 32 bytes."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def retire(now: datetime) -> int:
    """Delete Subscriptions that ended long ago; gives how many."""
    old = Subscription.objects.filter(is_active=False, ended_at__lt=now - KEPT_ENDED)
    count, _rows = old.delete()
    return count


def _of_target(subscription: Subscription) -> QuerySet[Subscription]:
    return Subscription.objects.filter(
        channel=subscription.channel, target=subscription.target, is_active=True
    )


def _check_manner(channel: str, manner: Manner) -> None:
    errors = {}
    if manner.language not in dict(settings.LANGUAGES):
        errors["language"] = _("This site does not speak it.")
    if not is_time_zone(manner.time_zone):
        errors["time_zone"] = _("There is no such time zone.")
    is_quiet = manner.quiet_from is not None or manner.quiet_until is not None
    if is_quiet and (manner.quiet_from is None or manner.quiet_until is None):
        errors["quiet_until"] = _("Quiet hours need a beginning and an end.")
    elif is_quiet and manner.quiet_from == manner.quiet_until:
        errors["quiet_until"] = _("Quiet hours end when they begin.")
    if channel in FOR_MACHINES and (manner.cadence != Cadence.INSTANT or is_quiet):
        errors["cadence"] = _("Webhooks are told at once, at any hour.")
    if errors:
        raise ValidationError(errors)


def is_time_zone(name: str) -> bool:
    """Whether both Python and PostgreSQL know a zone; the latter plans when to tell."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return name in time_zones()


@cache
def time_zones() -> frozenset[str]:
    """The names of time zones that PostgreSQL knows."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names WHERE name !~ '^posix'")
        return frozenset(name for (name,) in cursor.fetchall())


def _service(slug: str) -> Service | None:
    if not slug:
        return None
    found = Service.objects.filter(slug=slug, is_active=True).first()
    if found is None:
        raise ValidationError({"service": _("There is no service {slug}.").format(slug=slug)})
    return found


def _category(slug: str) -> Category | None:
    if not slug:
        return None
    found = Category.objects.filter(slug=slug).first()
    if found is None:
        raise ValidationError({"category": _("There is no category {slug}.").format(slug=slug)})
    return found


def _region(code: str | None) -> Region | None:
    if code is None:
        return None
    found = Region.objects.filter(code=code).first()
    if found is None:
        raise ValidationError({"region": _("There is no region {code}.").format(code=code)})
    return found
