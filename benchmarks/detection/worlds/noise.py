"""How a calm crowd wavers: five families of noise, on purpose not one.

None of them is told to the detector. Rates are modulated in quarter-hours (`Mood`), single
minutes may waver on top (negative binomial), and people may come in clusters.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


class Noise(StrEnum):
    """A family of noise."""

    POISSON = "poisson"
    NEGATIVE_BINOMIAL = "nb"
    COX = "cox"
    CLUSTERS = "clusters"


@dataclass(frozen=True, slots=True)
class Temper:
    """How much one service's crowd wavers.

    ``slow`` and ``fast`` are standard deviations of the log rate over about ten hours and
    about forty minutes; ``local`` the same in each country over two hours; ``daily`` from day
    to day. ``size`` is the negative-binomial size of one minute (0: none). ``clustered`` is
    the share of reports that come in clusters; ``minutely`` the standard deviation of the log
    rate over about 25 minutes, sampled each minute.
    """

    slow: float
    fast: float
    local: float
    daily: float
    size: float
    clustered: float
    minutely: float = 0.0


def draw_temper(noise: Noise, rng: np.random.Generator) -> Temper:
    """One service's temper within its family."""
    if noise is Noise.POISSON:
        return Temper(0.0, 0.0, 0.0, 0.04, 0.0, 0.0)
    if noise is Noise.NEGATIVE_BINOMIAL:
        size = float(rng.lognormal(np.log(8), 0.4))
        return Temper(0.12, 0.0, 0.06, 0.05, size, 0.0)
    if noise is Noise.COX:
        slow, fast, local = (float(x) for x in rng.uniform((0.1, 0.08, 0.05), (0.25, 0.2, 0.15)))
        return Temper(slow, fast, local, 0.08, 0.0, 0.0)
    return Temper(0.08, 0.0, 0.05, 0.05, 0.0, float(rng.uniform(0.05, 0.2)))


def log_gaussian(
    deviation: float, memory: float, shape: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Log-Gaussian factors of mean 1: one row a series, one column a quarter-hour.

    Args:
        deviation: standard deviation of the log.
        memory: correlation time, in quarter-hours (Ornstein-Uhlenbeck, sampled exactly).
        shape: (series, quarter-hours).
        rng: source of randomness.
    """
    if deviation <= 0:
        return np.ones(shape)
    keep = float(np.exp(-1 / memory))
    kicks = rng.normal(0, deviation * np.sqrt(1 - keep * keep), (shape[1], shape[0]))
    state = rng.normal(0, deviation, shape[0])
    path = np.empty((shape[1], shape[0]))
    for step in range(shape[1]):
        state = keep * state + kicks[step]
        path[step] = state
    return np.exp(path.T - deviation * deviation / 2)


def mood(
    temper: Temper, countries: Sequence[int], quarters: int, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Factors on the rate (leaves x quarter-hours): common to all, and a country's own.

    Args:
        temper: how much.
        countries: for each leaf the number of its country.
        quarters: length, from a UTC midnight.
        rng: source of randomness.
    """
    days = -(-quarters // 96)
    daily = np.repeat(log_gaussian(temper.daily, 2.0, (1, days), rng), 96, axis=1)[:, :quarters]
    common = log_gaussian(temper.slow, 40.0, (1, quarters), rng) * daily
    common *= log_gaussian(temper.fast, 2.7, (1, quarters), rng)
    own = log_gaussian(temper.local, 8.0, (max(countries) + 1, quarters), rng)
    return np.asarray(common * own[list(countries)])


def cluster_sizes(cap: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """People per cluster: Pareto with exponent 1.8 from 2, cut at each one's ``cap``."""
    return np.minimum(2 * (1 + rng.pareto(1.8, cap.size)), cap).astype(np.int64)


def cluster_cap(rate: NDArray[np.float64]) -> NDArray[np.float64]:
    """Most people that one shared link brings in a place of ``rate`` reports a minute.

    It grows with the root of an hour's reports there, so that a cluster is a nuisance at any
    volume and not an outage in disguise.

    >>> cluster_cap(np.array([0.02, 2, 50])).round().tolist()
    [7.0, 27.0, 115.0]
    """
    return np.asarray(5 + 2 * np.sqrt(60 * rate))


def clusters(
    rate: NDArray[np.float64], share: float, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """People who come because somebody shared a link (a Neyman-Scott process).

    Args:
        rate: reports a minute (leaves x quarter-hours).
        share: share of all reports that come this way.
        rng: source of randomness.

    Returns:
        Minute and leaf of each such report, in no order; minutes past the end are dropped.
    """
    quarters = rate.shape[1]
    caps = cluster_cap(rate.ravel())
    reach = np.cumsum(rate)
    probe = np.minimum(np.searchsorted(reach, np.linspace(0, 1, 4000) * reach[-1]), rate.size - 1)
    mean_size = float(cluster_sizes(caps[probe], np.random.default_rng(0)).mean())
    number = int(rng.poisson(share * 15 * reach[-1] / mean_size))
    cell = np.minimum(np.searchsorted(reach, rng.random(number) * reach[-1]), rate.size - 1)
    sizes = cluster_sizes(caps[cell], rng)
    pace = np.repeat(rng.uniform(3, 20, number), sizes)
    seeds = np.repeat(15 * (cell % quarters) + rng.integers(0, 15, number), sizes)
    minute = seeds + rng.exponential(pace).astype(np.int64)
    leaf = np.repeat(cell // quarters, sizes)
    kept = minute < 15 * quarters
    return minute[kept], leaf[kept]
