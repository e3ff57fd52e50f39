"""The random half of each day's hashing key: made once for all processes, kept two days."""

from datetime import UTC, date, datetime, timedelta
from secrets import token_bytes
from threading import Lock

from django.conf import settings

from reports import site_settings
from reports.fingerprint import HashKeys, day_key
from reports.models import DailyKey

KEY_BYTES = 32

_lock = Lock()
_keys: dict[date, bytes] = {}


def at(now: datetime) -> HashKeys:
    """The keys that hash a sender at one instant, from this process's memory when it knows them.

    Yesterday's is among them for one dedupe window after midnight UTC. Makes the day's row when
    no process has yet.

    Args:
        now: aware.

    Raises:
        django.db.Error: when a key is not known here and the database can't be asked.
    """
    now = now.astimezone(UTC)
    window = timedelta(minutes=site_settings.current().dedupe_window_minutes)
    today, before = now.date(), (now - window).date()
    return HashKeys(_key_of(today), _key_of(before) if before != today else None)


def of_day(day: date) -> bytes:
    """The key of today or yesterday (UTC), for whoever knows that the day had one.

    Raises:
        django.db.Error: when it is not known here and the database can't be asked.
    """
    return _key_of(day)


def forget() -> None:
    """Drop what this process remembers, for when the rows were removed behind its back."""
    with _lock:
        _keys.clear()


def _key_of(day: date) -> bytes:
    known = _keys.get(day)
    if known is None:
        known = day_key(settings.SECRET_KEY, _stored(day))
        with _lock:
            # A key that retention deletes from the table must not live on in a process.
            for old in [kept for kept in _keys if kept < day - timedelta(days=1)]:
                del _keys[old]
            _keys[day] = known
    return known


def _stored(day: date) -> bytes:
    """The day's random bytes; of two processes that make them at once, one wins for both."""
    row = DailyKey(day=day, key=token_bytes(KEY_BYTES))
    DailyKey.objects.bulk_create([row], ignore_conflicts=True)
    return bytes(DailyKey.objects.get(day=day).key)
