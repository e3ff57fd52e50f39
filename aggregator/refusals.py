"""Mail addresses that want nothing from this site, ever: the only trace of them is a keyed hash.

Whoever holds a link that was mailed to an address may refuse for it, also one who never asked for
anything and got a mail to confirm. From then on the forms answer as for any other address, and
nothing is sent. Only the operator can take a refusal back, at the owner's word.
"""

import hashlib

import structlog
from django.conf import settings
from django.db import transaction

from aggregator.models import Refusal, SignUp, Subscription
from aggregator.models.alert import SubscriptionChannel

_SALT = b"outcry.signup"

log = structlog.get_logger(__name__)


def refuse(address: str) -> None:
    """Never write to a mail address again; what is kept of it is deleted. Opens a transaction.

    Args:
        address: any spelling that reaches the mailbox.
    """
    hashed = _hash_of_mail(address)
    mails = Subscription.objects.filter(channel=SubscriptionChannel.EMAIL)
    with transaction.atomic():
        Refusal.objects.get_or_create(target_hash=hashed)
        # First: whoever confirms one just now holds its row, and is waited for.
        SignUp.objects.filter(target_hash=hashed).update(wish=None, due_at=None)
        host = address.rpartition("@")[2].strip()
        rows = mails.filter(target__iendswith=f"@{host}").values_list("pk", "target")
        own = [key for key, target in rows if _hash_of_mail(target) == hashed]
        mails.filter(pk__in=own).delete()
    log.info("mail.refused", subscriptions=len(own))


def is_refused(address: str) -> bool:
    """Whether a mail address wants nothing from this site."""
    return Refusal.objects.filter(target_hash=_hash_of_mail(address)).exists()


def allow(address: str) -> bool:
    """Take a refusal back, at the owner's word. False: there was none."""
    found = Refusal.objects.filter(target_hash=_hash_of_mail(address))
    is_back = found.delete()[0] == 1
    if is_back:
        log.info("mail.allowed")
    return is_back


def _hash_of_mail(address: str) -> bytes:
    return target_hash(SubscriptionChannel.EMAIL, address)


def target_hash(channel: str, target: str) -> bytes:
    """A keyed hash of a target; spellings that reach one mailbox count as one."""
    text = target.strip().casefold()
    if channel == SubscriptionChannel.EMAIL:
        name, _at, host = text.rpartition("@")
        text = f"{name.partition('+')[0]}@{host}"
    key = hashlib.sha256(settings.SECRET_KEY.encode()).digest()
    return hashlib.blake2b(
        f"{channel}:{text}".encode(), key=key, person=_SALT, digest_size=16
    ).digest()
