"""Subscribing by the public form: nothing is kept of a mail address before its owner confirms.

A form's answer is the same whether an address is subscribed, known or nobody's. What is kept to
hold off abuse are hashes: a keyed one of the target, and the daily one of the asker's network.
Mails that ask for confirmation wait in the table, as Alerts do, and are sent by the worker.
"""

import random
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, time, timedelta
from uuid import UUID, uuid4

import structlog
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from aggregator import metrics, refusals, subscriptions
from aggregator.channels.email import domain, hand_over, mail_of
from aggregator.channels.message import Delivered, Retry
from aggregator.models import SignUp, Subscription
from aggregator.models.alert import SubscriptionChannel
from aggregator.retries import wait_after
from aggregator.subscriptions import Manner, Wish
from reports import clients, daily_keys, site_settings
from reports.throttles import ThrottledError

# A mail address gets so many requests to confirm in a day, a network may ask so often in an hour.
MOST_TO_TARGET, TARGET_WINDOW = 3, timedelta(days=1)
MOST_OF_NETWORK, NETWORK_WINDOW = 20, timedelta(hours=1)
LINK_LASTS = timedelta(days=2)
LEASE = timedelta(seconds=60)
MOST_TRIES = 4
BATCH = 100
_SALT = "outcry.signup"

log = structlog.get_logger(__name__)


class ExpiredError(Exception):
    """The link to confirm is forged, too old or used up."""


def sign_up(wish: Wish, meta: Mapping[str, str], now: datetime) -> Subscription | None:
    """Take a wish from the public. Opens a transaction.

    Args:
        wish: what they want; their own channel and target.
        meta: the request's WSGI environment (`HttpRequest.META`); the address is read from it,
            hashed and forgotten.
        now: aware.

    Returns:
        The new Subscription; None when a mail asks for confirmation first, or would if that
        address had not been asked too often or refused for good: nobody can tell which.

    Raises:
        ValidationError: when the wish can't be fulfilled, by field.
        reports.throttles.ThrottledError: when this network asked too often.
    """
    subscriptions.wished(wish)
    address = clients.client_address(meta, settings.ENV.trusted_proxies)
    network = daily_keys.at(now).of_address(address).network
    hashed = refusals.target_hash(wish.channel, wish.target)
    signup = SignUp(
        id=uuid4(),
        made_at=now,
        target_hash=hashed,
        network=network,
        language=wish.manner.language,
    )
    with transaction.atomic():
        _hold_back(network, now)
        if wish.channel != SubscriptionChannel.EMAIL:
            signup.subscription = subscriptions.create(wish)
        elif _asked(hashed, now) < MOST_TO_TARGET and not refusals.is_refused(wish.target):
            signup.wish, signup.due_at = _packed(wish), now
        signup.save()
    _count(wish.channel, "taken" if signup.subscription or signup.wish else "held_back")
    return signup.subscription


def confirm_token(signup_id: UUID) -> str:
    """What a mail's link to confirm carries: signed, dated, and without the address."""
    return TimestampSigner(salt=_SALT).sign(signup_id.hex)


def awaiting(token: str) -> SignUp:
    """What a link to confirm is about. Nothing changes.

    Raises:
        ExpiredError: when it confirms nothing any more.
    """
    try:
        key = TimestampSigner(salt=_SALT).unsign(token, max_age=LINK_LASTS)
    except BadSignature as error:
        raise ExpiredError from error
    found = SignUp.objects.filter(id=UUID(key)).first()
    if found is None or (found.wish is None and found.subscription_id is None):
        raise ExpiredError
    return found


def confirm(token: str) -> Subscription:
    """Make the Subscription of a link to confirm; a second time gives the same one.

    Raises:
        ExpiredError: when it confirms nothing any more, or what it was about is gone.
    """
    signup = awaiting(token)
    with transaction.atomic():
        signup = SignUp.objects.select_for_update().get(id=signup.id)
        wish = wish_of(signup)
        if wish is not None:
            try:
                signup.subscription = subscriptions.create(wish)
            except ValidationError as error:
                raise ExpiredError from error
            signup.wish, signup.due_at = None, None
            signup.save()
            _count(wish.channel, "confirmed")
    made = signup.subscription
    if made is None:
        raise ExpiredError
    return made


def refuse(token: str) -> None:
    """Never write again to the address that a link to confirm was mailed to.

    Raises:
        ExpiredError: as `awaiting`.
    """
    signup = awaiting(token)
    wish = wish_of(signup)
    made = signup.subscription
    if wish is not None:
        refusals.refuse(wish.target)
    elif made is not None:
        refusals.refuse(made.target)


def wish_of(signup: SignUp) -> Wish | None:
    """What is to be confirmed; None when it was."""
    return _unpacked(signup.wish) if signup.wish else None


def send_due(now: datetime) -> int:
    """Send the mails that ask for confirmation; gives how many went out."""
    with transaction.atomic():
        due = SignUp.objects.filter(due_at__lte=now).order_by("due_at")
        leased = list(due.select_for_update(skip_locked=True)[:BATCH])
        SignUp.objects.filter(id__in=[one.id for one in leased]).update(
            due_at=now + LEASE, attempts=F("attempts") + 1
        )
    return sum(_send(signup, now) for signup in leased)


def retire(now: datetime) -> int:
    """Delete what is too old to be confirmed, with the addresses in it; gives how many."""
    count, _rows = SignUp.objects.filter(made_at__lt=now - LINK_LASTS).delete()
    return count


def _send(signup: SignUp, now: datetime) -> bool:
    wish = wish_of(signup)
    if wish is None:
        return False
    outcome = hand_over(_mail(signup, wish))
    tries = signup.attempts + 1
    wait = wait_after(tries, random.random())  # noqa: S311 - spreads load
    mine = SignUp.objects.filter(id=signup.id)
    if isinstance(outcome, Retry) and wait and tries < MOST_TRIES:
        mine.update(due_at=now + wait)
        log.warning("signup.retried", signup_id=str(signup.id), error=outcome.error)
    else:
        mine.update(due_at=None)
    return isinstance(outcome, Delivered)


def _mail(signup: SignUp, wish: Wish) -> EmailMultiAlternatives:
    env, name = settings.ENV, site_settings.current().name
    with translation.override(signup.language):
        words = {
            "headline": _("Confirm your subscription to {site}").format(site=name),
            "subscription": subscriptions.wished(wish),
            "confirm_url": f"{env.site_url}/subscribe/confirm/{confirm_token(signup.id)}/",
            "site_name": name,
            "hours": LINK_LASTS // timedelta(hours=1),
        }
        between = env.email_from, wish.target
        headers = {"Message-ID": f"<{signup.id}@{domain(env.email_from)}>"}
        return mail_of("aggregator/confirm", words, between, headers=headers)


def _count(channel: str, outcome: str) -> None:
    metrics.SIGN_UPS.labels(str(channel), outcome).inc()


def _hold_back(network: bytes, now: datetime) -> None:
    asked = SignUp.objects.filter(network=network, made_at__gt=now - NETWORK_WINDOW)
    if asked.count() >= MOST_OF_NETWORK:
        raise ThrottledError(int(NETWORK_WINDOW.total_seconds()))


def _asked(target_hash: bytes, now: datetime) -> int:
    recent = SignUp.objects.filter(target_hash=target_hash, made_at__gt=now - TARGET_WINDOW)
    return recent.count()


def _packed(wish: Wish) -> dict[str, object]:
    packed = asdict(wish)
    for name in ("quiet_from", "quiet_until"):
        at = packed["manner"][name]
        packed["manner"][name] = at.isoformat() if at else None
    return packed


def _unpacked(packed: dict[str, object]) -> Wish:
    manner = dict(packed["manner"])  # type: ignore[call-overload]  # as `_packed` wrote it
    for name in ("quiet_from", "quiet_until"):
        manner[name] = time.fromisoformat(manner[name]) if manner[name] else None
    return Wish(**{**packed, "manner": Manner(**manner)})  # type: ignore[arg-type]
