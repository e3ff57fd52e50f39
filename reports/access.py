"""Keys of programs: made, recognised, revoked. Only a key's SHA-256 is kept."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from threading import Lock

from django.conf import settings
from django.db.models import Q

from reports.models import ApiKey
from reports.models.access import Scope
from reports.throttles import Throttle, ThrottledError

KEY_BYTES = 32
PREFIX_LENGTH = 8
PER_MINUTE = 60
# A busy sender's key row is written this often at most.
USE_NOTED_EVERY = timedelta(minutes=1)

_lock = Lock()


def make_key(
    name: str,
    scopes: Sequence[str] = (Scope.REPORT,),
    *,
    per_minute: int = PER_MINUTE,
    expires_at: datetime | None = None,
) -> str:
    """A new key; this is the only time that anyone sees it.

    Args:
        name: who will hold it.
        scopes: what it opens.
        per_minute: how many requests it may send in a minute.
        expires_at: from then on it opens nothing, aware; None: never.
    """
    # The prefix is typed on command lines, where a hyphen first would be an option.
    key = secrets.token_hex(1) + secrets.token_urlsafe(KEY_BYTES)
    ApiKey.objects.create(
        name=name,
        prefix=key[:PREFIX_LENGTH],
        digest=_digest(key),
        scopes=sorted(set(scopes)),
        per_minute=per_minute,
        expires_at=expires_at,
    )
    return key


def holder_of(key: str, now: datetime) -> ApiKey | None:
    """The row of a key that is in force; notes its use. None for any other.

    A key holds 256 random bits, so a plain hash, compared by the database's index, gives nothing
    away.

    Args:
        key: as the sender gave it.
        now: aware.
    """
    in_force = Q(expires_at=None) | Q(expires_at__gt=now)
    holder = ApiKey.objects.filter(in_force, digest=_digest(key), revoked_at=None).first()
    if holder is not None:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
        ApiKey.objects.filter(stale, id=holder.pk).update(last_used_at=now)
    return holder


def hold_back(holder: ApiKey) -> None:
    """Count one request of a key. Without Redis all are let through.

    Raises:
        ThrottledError: when it sent more than it may in this minute.
    """
    with _lock:
        wait = _throttle().waits([b"key:%d" % holder.pk], holder.per_minute)[0]
    if wait:
        raise ThrottledError(wait)


def revoke(prefix: str, now: datetime) -> int:
    """End all keys that start so; returns how many were in force."""
    return ApiKey.objects.filter(prefix=prefix, revoked_at=None).update(revoked_at=now)


@cache
def _throttle() -> Throttle:
    return Throttle(settings.ENV.redis_url, PER_MINUTE)


def _digest(key: str) -> bytes:
    return sha256(key.encode()).digest()
