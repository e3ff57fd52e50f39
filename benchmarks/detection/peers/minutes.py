"""Rules that decide every minute, against the Gamma-Poisson baseline.

A window of ``w`` minutes that ends with the minute judged holds X reports where M were
expected; each rule is a likelihood ratio of X against M, maximised over windows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.detection.peers.series import BIN, LEAD

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from benchmarks.detection.peers.gamma_poisson import Baseline
    from benchmarks.detection.peers.series import Series

SCAN_WINDOWS = (1, 2, 3, 5, 8, 13, 21, 34, 60, 120)
EVERY_WINDOW = tuple(dict.fromkeys(int(w) for w in np.geomspace(1, LEAD, 60)))
"""Starts a step of at most 8 % apart: the maximum over them is that over all, to a hair."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Running sums of one series from `LEAD` minutes before the test weeks.

    ``seen[k]`` and ``due[k]`` are the reports and the expected reports of the first k minutes;
    the baseline's spread is given for each quarter-hour of the test weeks.
    """

    seen: NDArray[np.float64]
    due: NDArray[np.float64]
    variance: NDArray[np.float32]
    slow: NDArray[np.float32]
    fast: NDArray[np.float32]

    @property
    def minutes(self) -> int:
        """Length of the test weeks."""
        return self.seen.size - 1 - LEAD

    def window(
        self, at: NDArray[np.int64], width: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """X and M of the ``width`` minutes that end with each test minute ``at``."""
        end = at + LEAD + 1
        return self.seen[end] - self.seen[end - width], self.due[end] - self.due[end - width]


def sums_of(series: Series, baseline: Baseline, row: int) -> Sums:
    """The running sums of one row; ``baseline`` starts `LEAD` minutes before the test."""
    counts = series.counts[row, series.test - LEAD :]
    rates = np.repeat(baseline.rate[row].astype(np.float64), BIN)
    skip = LEAD // BIN
    return Sums(
        seen=np.concatenate([[0.0], np.cumsum(counts, dtype=np.float64)]),
        due=np.concatenate([[0.0], np.cumsum(rates)]),
        variance=baseline.variance[row, skip:],
        slow=baseline.slow[row, skip:],
        fast=baseline.fast[row, skip:],
    )


def excess(sums: Sums, width: int) -> NDArray[np.float64]:
    """Reports beyond the expected ones in the ``width`` minutes before each test minute's end."""
    seen, due = sums.window(np.arange(sums.minutes), width)
    return np.asarray(seen - due)


def scan(
    sums: Sums, at: NDArray[np.int64], windows: Sequence[int] = SCAN_WINDOWS, least: float = 2.0
) -> NDArray[np.float64]:
    """Negative-binomial scan (Hoehle & Paul 2008, windowed): signed root, X at least 2 M.

    Args:
        sums: the series.
        at: test minutes to judge.
        windows: widths in minutes.
        least: smallest ratio X / M that counts.
    """
    best = np.zeros(at.size)
    quarter = at // BIN
    spread = sums.slow[quarter] + sums.variance[quarter].astype(np.float64)
    for width in windows:
        seen, due = sums.window(at, width)
        hot = np.flatnonzero((seen > least * due) & (seen > 0))
        x, m = seen[hot], np.maximum(due[hot], 1e-9)
        s = 1 / (spread[hot] + sums.fast[quarter[hot]] / width)
        ratio = x * np.log(x * (s + m) / (m * (s + x))) + s * np.log((s + m) / (s + x))
        best[hot] = np.maximum(best[hot], ratio)
    return np.asarray(np.sqrt(2 * np.maximum(best, 0)))


def focus(sums: Sums, at: NDArray[np.int64], *, scaled: bool, least: float) -> NDArray[np.float64]:
    """Poisson-FOCuS (Ward et al. 2023; Dilillo et al. 2024): the best start time of all.

    Evaluated by its definition instead of by pruning. ``scaled`` divides by the variance
    index ``1 + slow M + fast M / w``; ``least`` is its ``mu_min``, the smallest ratio sought.
    """
    best = np.zeros(at.size)
    quarter = at // BIN
    for width in EVERY_WINDOW:
        seen, due = sums.window(at, width)
        hot = np.flatnonzero((seen > least * due) & (seen > 0))
        x, m = seen[hot], np.maximum(due[hot], 1e-9)
        ratio = x * np.log(x / m) - (x - m)
        if scaled:
            q = quarter[hot]
            ratio = ratio / (1 + sums.slow[q] * m + sums.fast[q] * m / width)
        best[hot] = np.maximum(best[hot], ratio)
    return np.sqrt(2 * best)


def calm(sums: Sums) -> NDArray[np.bool_]:
    """Whether the 15 minutes up to each test minute were all back within their band.

    A minute is, if its last ten minutes hold at most 1.5 M + 2 sqrt(M) + 1 reports.
    """
    seen, due = sums.window(np.arange(sums.minutes), 10)
    inside = seen <= 1.5 * due + 2 * np.sqrt(np.maximum(due, 0)) + 1
    run = np.cumsum(np.concatenate([[0], inside]))
    out = np.zeros(sums.minutes, bool)
    out[BIN - 1 :] = run[BIN:] - run[:-BIN] == BIN
    return out
