"""Published rules that decide once a quarter-hour, on counts of quarter-hours.

Each takes the bins of several series (series x quarter-hours, history first) and the first bin
to judge, and gives a score for every bin from there. All use only bins before the one judged.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

DAY_BINS = 96
WEEK_BINS = 672
ANSCOMBE = 2.58
"""Residual from which a past week counts less in Farrington's rule, as published."""

Rule = Callable[[NDArray[np.float32], int], NDArray[np.float64]]
"""Bins and the first one to judge in, scores out."""


def daily_mean(bins: NDArray[np.float32], first: int, days: int = 180) -> NDArray[np.float64]:
    """Mean of the same time of day over the days before, at most ``days`` (no weekday)."""
    table = bins.reshape(bins.shape[0], -1, DAY_BINS).astype(np.float64)
    total = np.concatenate([np.zeros_like(table[:, :1]), np.cumsum(table, axis=1)], axis=1)
    day = np.arange(table.shape[1])
    start = np.maximum(0, day - days)
    mean = (total[:, day] - total[:, start]) / np.maximum(1, day - start)[None, :, None]
    return np.asarray(mean.reshape(bins.shape[0], -1)[:, first:])


def ears_c2(bins: NDArray[np.float32], first: int) -> NDArray[np.float64]:
    """EARS C2 (Hutwagner et al. 2003) on the same slot of 7 days, after a guard of 2 days."""
    days = np.stack([_back(bins, first, DAY_BINS * (3 + k)) for k in range(7)])
    mean, deviation = days.mean(axis=0), days.std(axis=0, ddof=1)
    return np.asarray((bins[:, first:] - mean) / np.maximum(deviation, 1.0))


def robust_z(bins: NDArray[np.float32], first: int, days: int = 28) -> NDArray[np.float64]:
    """Distance from the median of the same slot of up to 28 days, in MADs (+1 report)."""
    days = min(days, first // DAY_BINS)
    past = np.stack([_back(bins, first, DAY_BINS * (k + 1)) for k in range(days)])
    median = np.median(past, axis=0)
    spread = np.median(np.abs(past - median), axis=0)
    return np.asarray((bins[:, first:] - median) / (1.4826 * spread + 1))


def farrington(bins: NDArray[np.float32], first: int, weeks: int = 7) -> NDArray[np.float64]:
    """Farrington's rule without trend (Farrington et al. 1996, Noufaily et al. 2013).

    Same slot of the week and three on either side over up to ``weeks`` weeks, quasi-Poisson,
    one reweighting of Anscombe residuals over `ANSCOMBE`, score on the 2/3-power scale.
    """
    weeks = min(weeks, (first - 3) // WEEK_BINS)
    lags = [WEEK_BINS * (w + 1) + k for w in range(weeks) for k in range(-3, 4)]
    past = np.stack([_back(bins, first, lag) for lag in lags])
    weight = np.ones_like(past)
    for _ in range(2):
        total = weight.sum(axis=0)
        mu = np.maximum((weight * past).sum(axis=0) / total, 0.02)
        squares = (weight * (past - mu) ** 2).sum(axis=0) / mu
        phi = np.maximum(1.0, squares / np.maximum(1.0, total - 1))
        residual = 1.5 * (past ** (2 / 3) - mu ** (2 / 3)) / (mu ** (1 / 6) * np.sqrt(phi))
        weight = np.minimum(1.0, (ANSCOMBE / np.maximum(residual, ANSCOMBE)) ** 2)
    tau = phi * (1 + 1 / len(lags))
    return np.asarray(
        1.5 * (bins[:, first:] ** (2 / 3) - mu ** (2 / 3)) / (mu ** (1 / 6) * np.sqrt(tau))
    )


def seasonal_esd(bins: NDArray[np.float32], first: int) -> NDArray[np.float64]:
    """The statistic of S-H-ESD (Vallis et al. 2014): robust z of what the season leaves.

    The season is the mean day of the 14 days before, the residuals' median and MAD are theirs,
    both renewed every day; a periodic mean stands in for STL.
    """
    span = min(14, first // DAY_BINS)
    table = bins.reshape(bins.shape[0], -1, DAY_BINS).astype(np.float64)
    past = sliding_window_view(table, span, axis=1)[:, first // DAY_BINS - span : -1]
    centre = np.median(past, axis=(2, 3), keepdims=True)
    season = past.mean(axis=3, keepdims=True)
    season -= season.mean(axis=2, keepdims=True)
    left = past - season - centre
    middle = np.median(left, axis=(2, 3), keepdims=True)
    spread = np.median(np.abs(left - middle), axis=(2, 3))
    today = table[:, first // DAY_BINS :] - (season + centre + middle)[..., 0]
    return np.asarray((today / (1.4826 * spread + 1)[..., None]).reshape(bins.shape[0], -1))


def _back(bins: NDArray[np.float32], first: int, lag: int) -> NDArray[np.float32]:
    """The bins ``lag`` before each judged one; the oldest there is stands in beyond the start."""
    at = np.arange(first, bins.shape[1]) - lag
    return bins[:, np.where(at >= 0, at, at % DAY_BINS)]
