"""Keys of bulk senders: made, recognised, revoked. Only a key's SHA-256 is kept."""

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from django.db.models import Q

from reports.models import ApiKey

KEY_BYTES = 32
PREFIX_LENGTH = 8
# A busy sender's key row is written this often at most.
USE_NOTED_EVERY = timedelta(minutes=1)


def make_key(name: str) -> str:
    """A new key; this is the only time that anyone sees it.

    Args:
        name: who will hold it.
    """
    key = secrets.token_urlsafe(KEY_BYTES)
    ApiKey.objects.create(name=name, prefix=key[:PREFIX_LENGTH], digest=_digest(key))
    return key


def holder_of(key: str, now: datetime) -> ApiKey | None:
    """The row of a key that is in force; notes its use. None for an unknown or revoked one.

    A key holds 256 random bits, so a plain hash, compared by the database's index, gives nothing
    away.

    Args:
        key: as the sender gave it.
        now: aware.
    """
    holder = ApiKey.objects.filter(digest=_digest(key), revoked_at=None).first()
    if holder is not None:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        ApiKey.objects.filter(stale, id=holder.pk).update(last_used_at=now)
    return holder


def revoke(prefix: str, now: datetime) -> int:
    """End all keys that start so; returns how many were in force."""
    return ApiKey.objects.filter(prefix=prefix, revoked_at=None).update(revoked_at=now)


def _digest(key: str) -> bytes:
    return sha256(key.encode()).digest()
