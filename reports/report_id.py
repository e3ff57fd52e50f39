"""Ids of Reports: UUID version 7 (RFC 9562 §5.7), made before the database sees the Report."""

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
# Version 7 in the highest four bits of the third group, variant 10 in the highest two of the next.
_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62
_RANDOM_BITS = 74


def new(received_at: datetime) -> UUID:
    """A new id; ids sort by the millisecond they name.

    Args:
        received_at: aware; the millisecond that the id names.

    >>> new(datetime(2026, 3, 18, tzinfo=UTC)).version
    7
    """
    milliseconds = (received_at - _EPOCH) // _MILLISECOND
    random = secrets.randbits(_RANDOM_BITS)
    middle, low = random >> 62, random & ((1 << 62) - 1)
    return UUID(int=milliseconds << 80 | _VERSION | middle << 64 | _VARIANT | low)


def received_at(report_id: UUID) -> datetime:
    """The millisecond an id names, UTC; for finding a Report's partition by its id alone.

    >>> received_at(new(datetime(2026, 3, 18, 12, 30, tzinfo=UTC))).isoformat()
    '2026-03-18T12:30:00+00:00'
    """
    return _EPOCH + (report_id.int >> 80) * _MILLISECOND
