"""Keys of programs: made, recognised, revoked. Only a key's SHA-256 is kept."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from threading import Lock

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from reports import trail
from reports.models import ApiKey, ModerationEntry
from reports.models.access import Scope
from reports.models.moderation import Act
from reports.throttles import Throttle, ThrottledError
from reports.trail import Doing, NotUndoableError

KEY_BYTES = 32
PREFIX_LENGTH = 8
PER_MINUTE = 60
# A busy sender's key row is written this often at most.
USE_NOTED_EVERY = timedelta(minutes=1)

_lock = Lock()


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new key shall be; see `make_key`."""

    name: str
    scopes: tuple[str, ...] = (Scope.REPORT,)
    per_minute: int = PER_MINUTE
    expires_at: datetime | None = None


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


def issue(wish: Wanted, doing: Doing) -> tuple[ApiKey, str]:
    """A new key and its row, for somebody of the staff to hand on. Opens a transaction."""
    with transaction.atomic():
        key = make_key(
            wish.name, wish.scopes, per_minute=wish.per_minute, expires_at=wish.expires_at
        )
        holder = ApiKey.objects.get(digest=_digest(key))
        trail.write(Act.MAKE_KEY, str(holder), doing, before={"key": holder.pk})
        return holder, key


def revoke(prefix: str, doing: Doing) -> int:
    """End all keys that start so; how many were in force. Opens a transaction."""
    with transaction.atomic():
        in_force = ApiKey.objects.select_for_update().filter(prefix=prefix, revoked_at=None)
        return sum(_revoke(holder, doing) is not None for holder in in_force)


def revoke_one(key_id: int, doing: Doing) -> ModerationEntry | None:
    """End a key; None when it was revoked before. Opens a transaction."""
    with transaction.atomic():
        in_force = ApiKey.objects.select_for_update().filter(pk=key_id, revoked_at=None)
        found = in_force.first()
        return None if found is None else _revoke(found, doing)


def undo(entry: ModerationEntry, doing: Doing) -> ModerationEntry:
    """Revoke a key that an act made, or let one be in force again that it revoked.

    Opens a transaction.

    Raises:
        NotUndoableError: when the key is not as the act left it.
        reports.trail.UndoneAlreadyError: when it was undone before.
    """
    with transaction.atomic():
        left = None if entry.act == Act.MAKE_KEY else entry.at
        rows = ApiKey.objects.select_for_update().filter(pk=entry.before["key"], revoked_at=left)
        if (holder := rows.first()) is None:
            raise NotUndoableError
        if entry.act == Act.MAKE_KEY:
            return _revoke(holder, doing, undoes=entry)
        ApiKey.objects.filter(pk=holder.pk).update(revoked_at=None)
        return trail.write(
            Act.MAKE_KEY, str(holder), doing, before={"key": holder.pk}, undoes=entry
        )


def _revoke(holder: ApiKey, doing: Doing, undoes: ModerationEntry | None = None) -> ModerationEntry:
    ApiKey.objects.filter(pk=holder.pk).update(revoked_at=doing.now)
    kept = {"key": holder.pk}
    return trail.write(Act.REVOKE_KEY, str(holder), doing, before=kept, undoes=undoes)


@cache
def _throttle() -> Throttle:
    return Throttle(settings.ENV.redis_url, PER_MINUTE)


def _digest(key: str) -> bytes:
    return sha256(key.encode()).digest()
