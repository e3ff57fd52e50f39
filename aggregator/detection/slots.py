"""Quarter-hours of the local week: where a minute falls on the clocks of a time zone."""

from collections.abc import Sequence
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


class Clocks:
    """The local clocks of all Regions of a topology."""

    def __init__(self, zones: Sequence[str]) -> None:
        """Take the IANA time zone of each Region."""
        self._zones = sorted(set(zones))
        number = {zone: at for at, zone in enumerate(self._zones)}
        self._zone_of: Ints = np.array([number[zone] for zone in zones], np.int64)

    def slots(self, regions: Ints, quarter: int) -> Ints:
        """Slot of the local week in each of these Regions, at a quarter-hour since 1970.

        >>> Clocks(("UTC", "Asia/Tokyo")).slots(np.array([1, 0]), 4 * 96).tolist()
        [36, 0]
        """
        zones = self._zone_of[regions]
        # Each costs some microseconds; a few Services are at home in few of the hundreds there are.
        used = np.zeros(len(self._zones), np.bool_)
        used[zones] = True
        offsets = np.zeros(len(self._zones), np.int64)
        for at in np.flatnonzero(used).tolist():
            offsets[at] = offset_quarters(self._zones[at], quarter)
        return week_slots(offsets[zones], quarter)
