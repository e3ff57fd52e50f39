"""Quarter-hours of the local week: where a minute falls on the clocks of a time zone."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

WEEK: Final = 672
"""Quarter-hours in a week, counted from Monday 00:00."""
DAY: Final = 96
"""Quarter-hours in a day."""
_MONDAY: Final = 3 * 96
"""1970-01-01 was a Thursday."""


@lru_cache(maxsize=4096)
def _zone(name: str) -> ZoneInfo:
    """The named zone, UTC when the name is unknown."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError, see below
        return ZoneInfo("UTC")
    except KeyError:
        return ZoneInfo("UTC")


@lru_cache(maxsize=8192)
def offset_quarters(zone: str, quarter: int) -> int:
    """Quarter-hours to add to UTC at a quarter-hour since 1970, summer time included.

    >>> offset_quarters("Asia/Kolkata", 1_900_000), offset_quarters("Nowhere/Land", 0)
    (22, 0)
    """
    shift = datetime.fromtimestamp(quarter * 900, UTC).astimezone(_zone(zone)).utcoffset()
    return 0 if shift is None else round(shift.total_seconds() / 900)


def week_slots(offsets: Ints, quarter: int) -> Ints:
    """Slot of the local week for each offset.

    >>> week_slots(np.array([0, 4]), 4 * 96).tolist()  # Monday 1970-01-05, 00:00 UTC
    [0, 4]
    """
    return (offsets + quarter + _MONDAY) % WEEK


def day_slots(slots: Ints) -> Ints:
    """Slot of the day, working days 0..95, weekends 96..191.

    >>> day_slots(np.array([0, 5 * 96])).tolist()
    [0, 96]
    """
    return slots % DAY + DAY * (slots >= 5 * DAY)
