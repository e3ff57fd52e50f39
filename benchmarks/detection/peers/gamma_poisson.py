"""The seasonal baseline that the per-minute peers share: Gamma-Poisson shrinkage.

A level follows the last days, a shape of the local week shrinks to one of the day, and that to
a shape pooled over the platform. A bin far above what is expected does not enter, unless the
same slot was so the week before. The dispersion of quarter-hours and of minutes is learnt on
the way. It is the baseline of the reference prototype, for many series at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.detection.peers.series import BIN
from benchmarks.detection.worlds.habits import SLOTS, SLOTS_A_DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PRIOR = 6.0
_LEVEL_KEEP = 0.9987
_WEEK_KEEP = 0.85
_DAY_KEEP = 0.98
_SPREAD_KEEP = 0.9995
_NEAR = np.array([1, 2, 3, 2, 1]) / 3.0
_WEEKEND = 5


@dataclass(frozen=True, slots=True)
class Baseline:
    """Expected reports a minute in each quarter-hour of the test weeks, and their spread.

    ``variance`` is the relative variance of ``rate`` itself; ``slow`` and ``fast`` are
    negative-binomial dispersions of what lasts longer than a quarter-hour and of single
    minutes. Series x quarter-hours each.
    """

    rate: NDArray[np.float32]
    variance: NDArray[np.float32]
    slow: NDArray[np.float32]
    fast: NDArray[np.float32]


class _Learner:
    """The counts remembered of every series, and what follows from them for the next bin."""

    def __init__(self, shape: NDArray[np.float64], level: NDArray[np.float64]) -> None:
        n = level.size
        self.shape = shape
        self.prior_level = level
        self.rows = np.arange(n)
        self.week, self.week_due = np.zeros((n, SLOTS)), np.zeros((n, SLOTS))
        self.day, self.day_due = np.zeros((n, 192)), np.zeros((n, 192))
        self.strikes = np.zeros((n, SLOTS))
        self.level_seen, self.level_due = np.zeros(n), np.zeros(n)
        self.slow_seen, self.slow_due = np.full(n, 1.0), np.full(n, 20.0)
        self.fast_seen, self.fast_due = np.full(n, 3.0), np.full(n, 20.0)
        self.bins_seen = np.zeros(n)

    def expect(self, slot: NDArray[np.int64]) -> tuple[NDArray[np.float64], ...]:
        """Level, shape and relative variance for the bin in ``slot``."""
        rows = self.rows
        day = slot % SLOTS_A_DAY + SLOTS_A_DAY * (slot // SLOTS_A_DAY >= _WEEKEND)
        seen, due = self.day[rows, day], self.day_due[rows, day]
        coarse = (seen + _PRIOR * self.shape[rows, slot]) / (due + _PRIOR)
        near = (slot[:, None] + np.arange(-2, 3)) % SLOTS
        seen_week = self.week[rows[:, None], near] @ _NEAR
        due_week = self.week_due[rows[:, None], near] @ _NEAR
        fine = (seen_week + _PRIOR * coarse) / (due_week + _PRIOR)
        level = (self.level_seen + 1) / (self.level_due + 1 / self.prior_level)
        variance = 1 / (_PRIOR + seen_week + seen / 2) + 1 / (1 + self.level_seen)
        return level, fine, variance

    def dispersion(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Relative variance of a quarter-hour and of a minute beyond Poisson."""
        quarter = np.clip(self.slow_seen / self.slow_due, 0.01, 1.0)
        return quarter, np.clip(self.fast_seen / self.fast_due, quarter, 2.0)

    def learn(
        self,
        slot: NDArray[np.int64],
        count: NDArray[np.float64],
        squares: NDArray[np.float64],
        expected: tuple[NDArray[np.float64], ...],
    ) -> None:
        """Fold one finished bin in; what looks like an outage is left out."""
        level, shape, variance = expected
        mu = level * shape
        spread = np.sqrt(mu + (self.dispersion()[0] + variance) * mu * mu)
        self.bins_seen += (self.bins_seen > 0) | (count > 0)
        odd = (count > mu + 4 * spread + 3) & (self.bins_seen > SLOTS_A_DAY)
        rows = self.rows
        strikes = np.where(odd, self.strikes[rows, slot] + 1, 0)
        self.strikes[rows, slot] = strikes
        capped = np.where(strikes <= 1, mu, np.minimum(count, 2 * mu + 5))
        taken = np.where(odd, capped, count)
        day = slot % SLOTS_A_DAY + SLOTS_A_DAY * (slot // SLOTS_A_DAY >= _WEEKEND)
        for seen, due, at, keep in (
            (self.week, self.week_due, slot, _WEEK_KEEP),
            (self.day, self.day_due, day, _DAY_KEEP),
        ):
            seen[rows, at] = seen[rows, at] * keep + taken
            due[rows, at] = due[rows, at] * keep + level
        self.level_seen = self.level_seen * _LEVEL_KEEP + taken
        self.level_due = self.level_due * _LEVEL_KEEP + shape
        self._spread(~odd, count, squares, mu)

    def _spread(
        self,
        calm: NDArray[np.bool_],
        count: NDArray[np.float64],
        squares: NDArray[np.float64],
        mu: NDArray[np.float64],
    ) -> None:
        minutes = squares - 2 * mu / BIN * count + mu * mu / BIN - mu
        for name, excess, due in (
            ("slow", (count - mu) ** 2 - mu, mu * mu),
            ("fast", minutes, mu * mu / BIN),
        ):
            seen_name, due_name = f"{name}_seen", f"{name}_due"
            seen, old = getattr(self, seen_name), getattr(self, due_name)
            setattr(self, seen_name, np.where(calm, seen * _SPREAD_KEEP + excess, seen))
            setattr(self, due_name, np.where(calm, old * _SPREAD_KEEP + due, old))


def learn_baseline(
    bins: NDArray[np.float32],
    squares: NDArray[np.float32],
    slots: NDArray[np.int64],
    platform: NDArray[np.float64],
    first: int,
) -> Baseline:
    """The baseline of many series (rows), each bin expected from those before it.

    Args:
        bins: reports a quarter-hour.
        squares: sum of squared reports a minute, of the same quarter-hours.
        slots: local week's slot of each.
        platform: pooled shape by slot (series x 672), mean 1.
        first: first quarter-hour to give.
    """
    number = bins.shape[1]
    level = np.maximum(bins[:, : 7 * SLOTS_A_DAY].mean(axis=1, dtype=np.float64), 0.02)
    learner = _Learner(platform, level)
    out = np.empty((4, bins.shape[0], number - first), np.float32)
    for i in range(number):
        slot = slots[:, i]
        expected = learner.expect(slot)
        if i >= first:
            quarter, minute = learner.dispersion()
            fast = (minute - quarter) * BIN / (BIN - 1)
            slow = np.maximum(0.005, quarter - fast / BIN)
            out[:, :, i - first] = expected[0] * expected[1] / BIN, expected[2], slow, fast
        learner.learn(slot, bins[:, i].astype(float), squares[:, i].astype(float), expected)
    return Baseline(*out)


def pooled_shape(bins: NDArray[np.float32], slots: NDArray[np.int64]) -> NDArray[np.float64]:
    """Mean local week of many series (rows), each counting the same, smoothed over an hour."""
    pooled = np.zeros(SLOTS)
    seen = np.zeros(SLOTS)
    for row, slot in zip(bins, slots, strict=True):
        if row.sum() > SLOTS:
            np.add.at(pooled, slot, np.minimum(row, np.quantile(row, 0.995)) / row.mean())
            np.add.at(seen, slot, 1)
    shape = (pooled + 1) / (seen + 1)
    padded = np.concatenate([shape[-2:], shape, shape[:2]])
    smooth = np.convolve(padded, np.ones(5) / 5, "valid")
    return np.asarray(smooth / smooth.mean())
