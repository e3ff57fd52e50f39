"""Minutes as numbers and as instants (pure)."""

from datetime import UTC, datetime


def start_of(minute: int) -> datetime:
    """The first instant of a Minute given in minutes since 1970; aware, UTC.

    >>> start_of(29_564_045).isoformat()
    '2026-03-18T14:05:00+00:00'
    """
    return datetime.fromtimestamp(minute * 60, UTC)


def end_of(minute: int) -> datetime:
    """The instant at which a Minute is over; aware, UTC."""
    return start_of(minute + 1)


def minute_of(instant: datetime) -> int:
    """The Minute that holds an instant, in minutes since 1970.

    >>> minute_of(datetime(2026, 3, 18, 14, 5, 59, tzinfo=UTC))
    29564045
    """
    return int(instant.timestamp() // 60)
