"""When people use, and so report, a service: the shape of its local week."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

QUARTER = 15
SLOTS_A_DAY = 96
SLOTS = 7 * SLOTS_A_DAY
_SATURDAY = 5


class Habit(StrEnum):
    """What kind of thing the service is, as far as its clock goes."""

    LEISURE = "leisure"
    OFFICE = "office"
    SHOP = "shop"
    TRAVEL = "travel"
    STEADY = "steady"


# (height, hour of the peak, width in hours) on working days and at the weekend; floor at night
_Bumps = tuple[tuple[float, float, float], ...]
_SHAPES: dict[Habit, tuple[float, _Bumps, _Bumps]] = {
    Habit.LEISURE: (0.2, ((0.5, 12, 3.5), (1.6, 20.5, 2.6)), ((1.0, 14, 4), (1.7, 21, 3))),
    Habit.OFFICE: (0.06, ((1.5, 10, 1.8), (1.4, 14.5, 2.2)), ((0.2, 13, 4),)),
    Habit.SHOP: (0.15, ((0.9, 13, 3.5), (1.0, 20, 2)), ((1.1, 14.5, 4), (0.9, 20, 2))),
    Habit.TRAVEL: (0.15, ((1.3, 7.8, 1.3), (0.7, 13, 3), (1.3, 17.5, 1.7)), ((0.9, 13, 4),)),
    Habit.STEADY: (0.7, ((0.4, 14, 5),), ((0.3, 14, 5),)),
}


def weekly_shape(habit: Habit, shift: float = 0.0) -> NDArray[np.float64]:
    """Relative rate in each of the 672 quarter-hours of the local week from Monday, mean 1.

    Args:
        habit: the kind of service.
        shift: hours by which this service's crowd is later than usual.
    """
    floor, working, weekend = _SHAPES[habit]
    hour = (np.arange(SLOTS_A_DAY) + 0.5) / 4

    def day(bumps: _Bumps) -> NDArray[np.float64]:
        rate = np.full(SLOTS_A_DAY, floor)
        for height, peak, width in bumps:
            away = (hour - peak - shift + 12) % 24 - 12
            rate += height * np.exp(-0.5 * (away / width) ** 2)
        return rate

    week = np.concatenate([day(working)] * _SATURDAY + [day(weekend)] * 2)
    return np.asarray(week / week.mean())


def local_slots(
    zone: str, start: int, quarters: int, holidays: tuple[int, ...] = ()
) -> NDArray[np.int64]:
    """Quarter-hour of the local week for each quarter-hour from ``start``, clock changes and all.

    Args:
        zone: IANA name.
        start: minutes since the epoch, at a quarter-hour.
        quarters: how many.
        holidays: local days since the epoch that people spend like a Sunday.

    >>> local_slots("Asia/Tokyo", 0, 2).tolist()  # 1 January 1970 was a Thursday; 09:00 there
    [324, 325]
    """
    hours = quarters // 4 + 1
    first = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=start)
    place = ZoneInfo(zone)
    offsets = np.empty(hours, dtype=np.int64)
    for hour in range(hours):
        shift = (first + timedelta(hours=hour)).astimezone(place).utcoffset() or timedelta()
        offsets[hour] = int(shift.total_seconds()) // 60
    local = start + QUARTER * np.arange(quarters) + np.repeat(offsets, 4)[:quarters]
    day = local // 1440
    weekday = np.where(np.isin(day, holidays), 6, (day + 3) % 7)
    return np.asarray(weekday * SLOTS_A_DAY + local % 1440 // QUARTER)
