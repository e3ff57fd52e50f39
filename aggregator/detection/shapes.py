"""Day and week shapes: how the usual rate moves with the local clock.

A shape is a factor about a level, 1 on average. Each table row holds decayed Reports and decayed
expectations (level alone) by slot of the week and by slot of the day; their shrunken ratio is the
Gamma-Poisson posterior mean (N + c) / (D + c / m) with c pseudo-Reports at the prior m.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from aggregator.detection.slots import DAY, WEEK, day_slots

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PSEUDO: Final = 6.0
"""Pseudo-Reports behind each prior shape (M1)."""
WEEK_KEPT: Final = 0.85
"""What a week leaves of a slot of the week (M1)."""
DAY_KEPT: Final = 0.98
"""What a visit leaves of a slot of the day (M1)."""
_NEAR: Final = np.arange(-2, 3)
_NEAR_WEIGHTS: Final = np.array([1.0, 2.0, 3.0, 2.0, 1.0]) / 3.0
LEAST_COVER: Final = 0.5
"""Share of a world's level that its countries must hold for their days to make up its own."""
_PLATFORM_CAP: Final = 15.0
"""Reports a quarter-hour at which a Service's say in the platform's shape is capped."""


def default_day() -> Floats:
    """A mild day for a platform that has seen none yet: quiet at 4, busy at 16 local time.

    Weak on purpose (about 1 : 3): people's days differ, and a week of Reports replaces it.

    >>> shape = default_day()
    >>> shape.shape, round(float(shape.mean()), 3), round(float(shape.max()), 2)
    ((672,), 1.0, 1.5)
    """
    hours = np.arange(WEEK) % DAY / 4.0
    return np.asarray(1.0 - 0.5 * np.cos((hours - 4.0) / 24.0 * 2.0 * np.pi))


class ShapeTables:
    """All shapes of one Engine, and the platform's own that they shrink to."""

    def __init__(self) -> None:
        """Start with the default day and no rows."""
        self.rows = 0
        self.week_reports = np.zeros((WEEK, 16), np.float32)
        self.week_levels = np.zeros((WEEK, 16), np.float32)
        self.day_reports = np.zeros((2 * DAY, 16), np.float32)
        self.day_levels = np.zeros((2 * DAY, 16), np.float32)
        self.masked = np.full((DAY, 16), -WEEK, np.int32)
        self.platform_reports = default_day() * 60.0
        self.platform_levels = np.full(WEEK, 60.0)

    def add(self, count: int) -> Ints:
        """New empty rows; returns their numbers."""
        room = self.week_reports.shape[1]
        need = self.rows + count
        if need > room:
            more = ((0, 0), (0, max(need, 2 * room) - room))
            self.week_reports = np.pad(self.week_reports, more)
            self.week_levels = np.pad(self.week_levels, more)
            self.day_reports = np.pad(self.day_reports, more)
            self.day_levels = np.pad(self.day_levels, more)
            self.masked = np.pad(self.masked, more, constant_values=-WEEK)
        new = np.arange(self.rows, need)
        self.rows = need
        return new

    def platform(self, slots: Ints) -> Floats:
        """The platform's shape at local slots, smoothed over an hour and a quarter."""
        near = (slots[:, None] + _NEAR) % WEEK
        reports = self.platform_reports[near] @ _NEAR_WEIGHTS
        levels = self.platform_levels[near] @ _NEAR_WEIGHTS
        return np.asarray(reports / levels)

    def day_at(self, rows: Ints, slots: Ints, prior: Floats) -> Floats:
        """Day shape alone at local slots, shrunk to `prior`, smoothed over three slots."""
        base = day_slots(slots) // DAY * DAY
        near = base[:, None] + (slots[:, None] + _NEAR[1:4]) % DAY
        reports = self.day_reports[near, rows[:, None]].sum(axis=1)
        levels = self.day_levels[near, rows[:, None]].sum(axis=1)
        return np.asarray((reports + PSEUDO * prior) / (levels + PSEUDO))

    def at(self, rows: Ints, slots: Ints, prior: Floats) -> tuple[Floats, Floats]:
        """Shape at local slots, and the Reports it rests on.

        Day shape shrinks to `prior`, week shape (neighbouring slots weigh 1 2 3 2 1 / 3) to it.
        """
        day = day_slots(slots)
        day_reports = self.day_reports[day, rows].astype(np.float64)
        first = (day_reports + PSEUDO * prior) / (self.day_levels[day, rows] + PSEUDO)
        near = (slots[:, None] + _NEAR) % WEEK
        reports = self.week_reports[near, rows[:, None]] @ _NEAR_WEIGHTS
        levels = self.week_levels[near, rows[:, None]] @ _NEAR_WEIGHTS
        return (reports + PSEUDO * first) / (levels + PSEUDO), reports + 0.5 * day_reports

    def prior(self, rows: Ints, slots: Ints) -> Floats:
        """What a Service's shape shrinks to: the platform's, bent as its other kind of day is.

        Nothing is known of a launch's first weekend, but its working days tell when its people
        are awake; the platform tells how days off differ (M3: of five false outages on first
        weekends of two worlds by a third hand two are left, neither of them confirmed).
        """
        twin = slots % DAY + np.where(slots >= 5 * DAY, 2 * DAY, 6 * DAY)
        usual = self.platform(twin)
        return np.asarray(self.platform(slots) * self.day_at(rows, twin, usual) / usual)

    def day_off(self, row: int, slot: Ints) -> float:
        """How much more than a working day a day off brings at a local slot, 1 at least.

        A holiday on a working day has the Sunday's shape; both are shrunk to the platform's.
        """
        rows = np.array([row])
        off_slot = slot % DAY + 6 * DAY
        working = self.day_at(rows, slot, self.platform(slot))
        off = self.day_at(rows, off_slot, self.platform(off_slot))
        return max(1.0, float(off[0] / working[0]))

    def fade(self, slot: int) -> None:
        """Let one slot of the week (and its slot of the day) forget; each is due once a visit."""
        day = int(day_slots(np.array([slot]))[0])
        for table, row, kept in (
            (self.week_reports, slot, WEEK_KEPT),
            (self.week_levels, slot, WEEK_KEPT),
            (self.day_reports, day, DAY_KEPT),
            (self.day_levels, day, DAY_KEPT),
        ):
            table[row] *= np.float32(kept)
        self.platform_reports[slot] *= WEEK_KEPT
        self.platform_levels[slot] *= WEEK_KEPT

    def learn(self, rows: Ints, slots: Ints, reports: Floats, levels: Floats) -> None:
        """Add a quarter-hour to rows (which may repeat): Reports, and levels as exposure."""
        day = day_slots(slots)
        np.add.at(self.week_reports, (slots, rows), reports.astype(np.float32))
        np.add.at(self.week_levels, (slots, rows), levels.astype(np.float32))
        np.add.at(self.day_reports, (day, rows), reports.astype(np.float32))
        np.add.at(self.day_levels, (day, rows), levels.astype(np.float32))

    def learn_platform(self, slots: Ints, reports: Floats, levels: Floats) -> None:
        """Add a quarter-hour to the platform's shape, large Services weighing no more than some."""
        weight = np.minimum(1.0, _PLATFORM_CAP / np.maximum(levels, 1e-6))
        np.add.at(self.platform_reports, slots, weight * reports)
        np.add.at(self.platform_levels, slots, weight * levels)


def sum_up_countries(service: Ints, depth: Ints, level: Floats, shape: Floats) -> None:
    """Make each world's day the sum of its countries' days, where they hold most of it, in place.

    Countries live by their own clocks: a change to summer time does not shift this sum the way it
    would shift a shape learnt in UTC.

    Args:
        service: Service index of each series; all series of the Services there are.
        depth: 0 for worlds, 1 for countries.
        level: Reports a quarter-hour.
        shape: factor about the level.
    """
    country, world = np.flatnonzero(depth == 1), np.flatnonzero(depth == 0)
    size = int(service.max(initial=-1)) + 1
    part = level[country]
    held = np.bincount(service[country], part, minlength=size)[service[world]]
    mixed = np.bincount(service[country], part * shape[country], minlength=size)[service[world]]
    covered = held >= LEAST_COVER * level[world]
    shape[world[covered]] = mixed[covered] / held[covered]
