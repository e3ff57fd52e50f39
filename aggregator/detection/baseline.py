"""What is usual: expected Reports a minute of every series, learnt a quarter-hour at a time.

Per series: rate = level x shape / 15. The level is a decayed Gamma-Poisson posterior (half-life
5.5 days), the shape comes from `shapes`. The spread is split into a slow part (moods that last
hours) and a fast one (minute to minute), from `dispersion`: fast = (alpha_1 - alpha_15) 15 / 14,
slow = alpha_15 - fast / 15; drift is what a mood moves on within an hour. All relative variances
are dimensionless.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from aggregator.detection import dispersion
from aggregator.detection.mood import mood
from aggregator.detection.series import SeriesTable
from aggregator.detection.shapes import ShapeTables, sum_up_countries
from aggregator.detection.slots import DAY, WEEK, Clocks, week_slots
from aggregator.detection.types import Topology

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

LEVEL_KEPT: Final = 0.9987
"""What a quarter-hour leaves of the level's memory: half-life 5.5 days (M1)."""
FAST_KEPT: Final = 0.5 ** (1 / 48)
"""The same for the fast level that notices a lasting change: half-life 12 hours."""
PRIOR_LEVEL: Final = 4.5
"""Reports a quarter-hour a new Service is taken to have, with the weight of one Report (M1)."""
OWN_SHAPE_LEVEL: Final = 7.5
"""Reports a quarter-hour from which a Region's series has a shape of its own (M1: 0.5 a minute)."""
LEARNING: Final = 96.0
"""Quarter-hours before a series may call a quarter-hour extraordinary (M1)."""
LEAST_PART: Final = 0.5
"""Share of a quarter-hour's minutes that must count for it to be learnt."""
FAST_READY: Final = 30.0
"""Quarter-hours in the fast level's memory before it may overrule the slow one."""
LOW_RUN: Final = 96
"""Quarter-hours in a row that the fast level must lie below before it is taken: after a holiday
it does for some hours, and the next morning would look like twice the usual (M2)."""
YOUNG_DOUBT, YOUNG_DAYS = 0.1, 3.0
"""Relative variance of what a new series expects, and days after which half of it is left: growth
after a launch, and days of another kind, which no number of Reports tells yet (M3)."""
ORDINARY_RUN: Final = 4
"""Ordinary quarter-hours in a row after which the next tells how a mood moves on: an hour."""
MASK_RUN: Final = 24
"""Quarter-hours in a row after which the extraordinary is taken as it is: six hours."""

PER_SERIES: Final = {
    "level_reports": np.float64,
    "level_time": np.float64,
    "fast_reports": np.float64,
    "fast_time": np.float64,
    "slow_squares": np.float64,
    "slow_weight": np.float64,
    "fast_squares": np.float64,
    "fast_weight": np.float64,
    "drift_squares": np.float64,
    "drift_weight": np.float64,
    "seen": np.float64,
    "run": np.int64,
    "low": np.int64,
    "ordinary": np.int64,
    "table": np.int64,
}


@dataclass(frozen=True, slots=True)
class Quarter:
    """A finished quarter-hour; arrays by series.

    Attributes:
        number: quarter-hours since 1970.
        minutes: Reports by minute (15, series); minutes left out are 0.
        means: Reports expected in its minutes that count.
        before: Reports in the hour before it, and those expected.
    """

    number: int
    minutes: Floats
    means: Floats
    before: tuple[Floats, Floats]


class Baseline:
    """Learnt state of every series, and the current quarter-hour's expectations.

    Attributes:
        mean: expected Reports a minute now, by series.
        doubt: relative variance of `mean` itself.
        slow: overdispersion that lasts over a quarter-hour.
        fast: overdispersion of single minutes.
        drift: relative variance by which a mood moves on within an hour.
    """

    def __init__(self, topology: Topology) -> None:
        """Start knowing nothing."""
        self.shapes = ShapeTables()
        self.pool: Ints = np.zeros(0, np.int64)
        self.born: Ints = np.zeros(0, np.int64)
        self.level_reports = self.level_time = np.zeros(0)
        self.fast_reports = self.fast_time = np.zeros(0)
        self.slow_squares = self.slow_weight = np.zeros(0)
        self.fast_squares = self.fast_weight = np.zeros(0)
        self.drift_squares = self.drift_weight = np.zeros(0)
        self.seen = np.zeros(0)
        self.run: Ints = np.zeros(0, np.int64)
        self.low: Ints = np.zeros(0, np.int64)
        self.ordinary: Ints = np.zeros(0, np.int64)
        self.table: Ints = np.zeros(0, np.int64)
        self.mean = self.doubt = self.slow = self.fast = self.drift = self.level = np.zeros(0)
        self.topology, self._clocks = topology, Clocks(topology.zones)

    def grow(self, topology: Topology, series: SeriesTable, quarter: int) -> None:
        """Make room for new Services and series.

        A Service's past begins with its first Report; a series named later had none until now.
        """
        if topology is not self.topology:
            self.topology, self._clocks = topology, Clocks(topology.zones)
        new_services = len(topology.services) - len(self.pool)
        if new_services:
            self.pool = np.concatenate((self.pool, self.shapes.add(new_services)))
            self.born = np.concatenate((self.born, np.full(new_services, -1)))
        old = len(self.seen)
        more = len(series) - old
        if more:
            for name, kind in PER_SERIES.items():
                empty = np.full(more, -1 if name == "table" else 0, kind)
                setattr(self, name, np.concatenate((getattr(self, name), empty)))
            new = np.arange(old, len(series))
            owner = series.service[new]
            owner = owner[owner >= 0]
            self.born[owner[self.born[owner] < 0]] = quarter
            born = np.where(series.service[new] < 0, quarter, self.born[series.service[new]])
            age = quarter - born
            self.seen[new] = age
            self.level_time[new] = (1.0 - LEVEL_KEPT**age) / (1.0 - LEVEL_KEPT)
            self.fast_time[new] = (1.0 - FAST_KEPT**age) / (1.0 - FAST_KEPT)
            worlds = new[series.depth[new] == 0]
            self.table[worlds] = self.shapes.add(len(worlds))
        if more or new_services:
            self.refresh(series, quarter)

    def shape(self, series: SeriesTable, quarter: int, at: Ints) -> tuple[Floats, Floats]:
        """Shape factor of some series in a quarter-hour, and the Reports it rests on.

        `at` holds all series of the Services it holds any of.
        """
        slots = self._clocks.slots(series.region[at], quarter)
        depth, table = series.depth[at], self.table[at]
        pool = self.pool[np.maximum(series.service[at], 0)]
        shape, evidence = self.shapes.at(pool, slots, self.shapes.prior(pool, slots))
        for own in (np.flatnonzero((table >= 0) & (depth != 0)), np.flatnonzero(depth == 0)):
            shape[own], evidence[own] = self.shapes.at(table[own], slots[own], shape[own])
        sum_up_countries(series.service[at], depth, self.level[at], shape)
        return shape, evidence

    def _levels(self, series: SeriesTable) -> Floats:
        prior = np.where(series.depth <= 0, PRIOR_LEVEL, PRIOR_LEVEL / 10.0)
        return np.asarray((self.level_reports + 1.0) / (self.level_time + 1.0 / prior))

    def refresh(self, series: SeriesTable, quarter: int) -> None:
        """Work out `mean` and the relative variances for a quarter-hour."""
        self.level = self._levels(series)
        shape, evidence = self.shape(series, quarter, np.arange(len(series)))
        self.mean = self.level * shape / 15.0
        self.mean[0] = 0.0
        young = YOUNG_DOUBT / (1.0 + (self.seen / (YOUNG_DAYS * DAY)) ** 2)
        self.doubt = 1.0 / (6.0 + evidence) + 1.0 / (1.0 + self.level_reports) + young
        alpha_15 = self._alpha_15()
        alpha_1 = dispersion.alpha_1(self.fast_squares, self.fast_weight, alpha_15)
        self.fast = (alpha_1 - alpha_15) * 15.0 / 14.0
        self.slow = np.maximum(0.005, alpha_15 - self.fast / 15.0)
        self.drift = dispersion.drift(self.drift_squares, self.drift_weight)

    def _alpha_15(self) -> Floats:
        return dispersion.alpha_15(self.slow_squares, self.slow_weight)

    def fold(self, series: SeriesTable, quarter: Quarter, out: Bools) -> None:
        """Learn a finished quarter-hour.

        Args:
            series: the series.
            quarter: what it brought.
            out: series whose Service is in a declared Outage: they learn nothing.
        """
        number, means = quarter.number, quarter.means
        slots = self._clocks.slots(series.region, number)
        shape = np.maximum(self.mean * 15.0 / np.maximum(self.level, 1e-12), 1e-6)
        part = np.clip(means / np.maximum(15.0 * self.mean, 1e-12), 0.0, 1.0)
        learn = (part > LEAST_PART) & ~out
        learn[0] = False
        total = quarter.minutes.sum(axis=0)
        used, masked = self._unmasked(series, total, means, number, slots)
        self._learn_levels(learn, used, shape * part)
        self._learn_spread(learn & ~masked, quarter, total, part)
        self._learn_drift(learn & ~masked, quarter, total)
        self.shapes.fade(int(week_slots(np.zeros(1, np.int64), number)[0]))
        self._learn_shapes(series, learn, slots, used, part)
        self.seen += part
        self._give_shapes(series)
        self.refresh(series, number + 1)

    def _unmasked(
        self, series: SeriesTable, total: Floats, means: Floats, quarter: int, slots: Ints
    ) -> tuple[Floats, Bools]:
        """Reports to learn from, and where the extraordinary was replaced by the usual."""
        sd = np.sqrt(means + (self._alpha_15() + self.doubt) * means**2)
        strange = (self.seen > LEARNING) & (total > means + 4.0 * sd + 3.0)
        self.run = np.where(strange, self.run + 1, 0)
        used = np.where(strange, means, total)
        rows = np.where(self.table >= 0, self.table, self.pool[np.maximum(series.service, 0)])
        day = slots % DAY
        at = np.flatnonzero(strange)
        again = quarter - self.shapes.masked[day[at], rows[at]] <= WEEK + 1
        again &= self.table[at] >= 0
        used[at[again]] = np.minimum(total, 2.0 * means + 5.0)[at[again]]
        lasting = strange & (self.run >= MASK_RUN)
        used[lasting] = total[lasting]
        marked = at[self.table[at] >= 0]
        self.shapes.masked[day[marked], self.table[marked]] = quarter
        level_only = strange & (self.table < 0) & ~lasting
        used[level_only] = (means + 4.0 * sd + 3.0)[level_only]
        return used, strange & ~lasting

    def _learn_levels(self, learn: Bools, used: Floats, time: Floats) -> None:
        for reports, times, kept in (
            (self.level_reports, self.level_time, LEVEL_KEPT),
            (self.fast_reports, self.fast_time, FAST_KEPT),
        ):
            reports[learn] = reports[learn] * kept + used[learn]
            times[learn] = times[learn] * kept + time[learn]
        self._follow_steps()

    def _follow_steps(self) -> None:
        """Take the fast level where it has clearly left the slow one (a lasting step).

        Upwards at once; downwards only after a day, or a holiday would halve the day after it.
        """
        ready = self.fast_time > FAST_READY
        fast = (self.fast_reports + 0.5) / np.maximum(self.fast_time, 1.0)
        slow = (self.level_reports + 0.5) / np.maximum(self.level_time, 1.0)
        step = np.log(fast / slow)
        noise = np.sqrt(1.0 / (1.0 + self.fast_reports) + 0.01)
        left = np.maximum(0.45, 3.5 * noise)
        self.low = np.where(step < -left, self.low + 1, 0)
        jump = ready & ((step > left) | (self.low >= LOW_RUN))
        self.level_reports[jump] = self.fast_reports[jump]
        self.level_time[jump] = self.fast_time[jump]

    def _learn_spread(self, learn: Bools, quarter: Quarter, total: Floats, part: Floats) -> None:
        means, expected = quarter.means, self.mean * part
        each = np.square(quarter.minutes - expected).sum(axis=0) - means
        for squares, weight, error, exposure in (
            (self.slow_squares, self.slow_weight, (total - means) ** 2 - means, means**2),
            (self.fast_squares, self.fast_weight, each, means**2 / 15.0),
        ):
            dispersion.remember(learn, squares, error)
            dispersion.remember(learn, weight, exposure)

    def _learn_drift(self, learn: Bools, quarter: Quarter, total: Floats) -> None:
        """What is left of the quarter-hour's variance when the hour before it is known.

        An outage, a gap or a first day within that hour tells nothing of moods.
        """
        self.ordinary = np.where(learn, self.ordinary + 1, 0)
        ready = (self.ordinary > ORDINARY_RUN) & (self.seen > LEARNING)
        mean, left = mood(*quarter.before, self.slow + self.doubt, self.fast, self.drift)
        rate = mean * quarter.means
        error = (total - rate) ** 2 - rate - (left + self.fast / 15.0) * rate**2
        dispersion.remember(ready, self.drift_squares, error)
        dispersion.remember(ready, self.drift_weight, rate**2)

    def _learn_shapes(
        self, series: SeriesTable, learn: Bools, slots: Ints, used: Floats, part: Floats
    ) -> None:
        exposure = self.level * part
        own = np.flatnonzero(learn & (self.table >= 0))
        self.shapes.learn(self.table[own], slots[own], used[own], exposure[own])
        countries = np.bincount(
            series.service[series.depth == 1], minlength=len(self.topology.services)
        )
        placed = countries[np.maximum(series.service, 0)] > 0
        local = np.flatnonzero(learn & np.where(placed, series.depth == 1, series.depth == 0))
        rows = self.pool[series.service[local]]
        self.shapes.learn(rows, slots[local], used[local], exposure[local])
        self.shapes.learn_platform(slots[local], used[local], exposure[local])

    def _give_shapes(self, series: SeriesTable) -> None:
        due = np.flatnonzero((self.table < 0) & (self.level > OWN_SHAPE_LEVEL) & (series.depth > 0))
        if len(due):
            self.table[due] = self.shapes.add(len(due))

    def adopt(self, at: Ints, observed: Floats, expected: Floats) -> Floats:
        """Multiply the level of one Service's series (the world's first) by what they show now.

        Each series' own ratio of observed to expected is shrunk to the world's by ten Reports;
        the new level weighs as much as three days. Returns the ratios.
        """
        whole = observed[0] / max(expected[0], 1e-9)
        ratio = (observed + 10.0 * whole) / (expected + 10.0)
        self.level_time[at] = np.minimum(self.level_time[at], 288.0)
        self.level[at] *= ratio
        self.mean[at] *= ratio
        self.level_reports[at] = self.level[at] * self.level_time[at]
        self.fast_reports[at] = self.level[at] * self.fast_time[at]
        self.run[at] = 0
        return np.asarray(ratio)

    def holiday_factor(self, series: SeriesTable, number: int, quarter: int) -> float:
        """How much more than now a day off would bring at this local time; 1 at weekends."""
        slot = self._clocks.slots(series.region[[number]], quarter)
        if slot[0] >= 5 * DAY:
            return 1.0
        own = self.table[number]
        row = self.pool[series.service[number]] if own < 0 else own
        return self.shapes.day_off(int(row), slot)

    def rates(self, series: SeriesTable, number: int, quarters: Ints) -> Floats:
        """Expected Reports a minute of one series in each of some quarter-hours."""
        at = np.array(series.members[int(series.service[number])])
        place = int(np.flatnonzero(at == number)[0])
        level = self.level[number] / 15.0
        return np.array([level * self.shape(series, int(q), at)[0][place] for q in quarters])
