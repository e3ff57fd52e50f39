"""95 % intervals for shares and rates, from nothing but counts."""

from __future__ import annotations

import math
from dataclasses import dataclass

_Z = 1.959964
_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


def share(hits: int, trials: int) -> Estimate:
    """``hits / trials`` with Wilson's score interval (1927); all NaN without trials.

    >>> e = share(9, 10); round(e.value, 2), round(e.low, 2), round(e.high, 2)
    (0.9, 0.6, 0.98)
    """
    if trials == 0:
        return Estimate(math.nan, math.nan, math.nan)
    p = hits / trials
    spread = 1 + _Z**2 / trials
    centre = (p + _Z**2 / (2 * trials)) / spread
    half = _Z * math.sqrt(p * (1 - p) / trials + _Z**2 / (4 * trials**2)) / spread
    return Estimate(p, max(0.0, centre - half), min(1.0, centre + half))


def rate(events: int, exposure: float) -> Estimate:
    """``events / exposure`` with the exact Poisson interval (Garwood 1936).

    >>> e = rate(3, 10.0); round(e.value, 2), round(e.low, 3), round(e.high, 2)
    (0.3, 0.062, 0.88)
    """
    if exposure <= 0:
        return Estimate(math.nan, math.nan, math.nan)
    low = 0.0 if events == 0 else _mean_with(events - 1, 1 - _TAIL)
    return Estimate(events / exposure, low / exposure, _mean_with(events, _TAIL) / exposure)


def _at_most(events: int, mean: float) -> float:
    """P(Poisson(mean) <= events)."""
    logs = (k * math.log(mean) - mean - math.lgamma(k + 1) for k in range(events + 1))
    return min(1.0, math.fsum(math.exp(x) for x in logs))


def _mean_with(events: int, chance: float) -> float:
    """The mean at which ``events`` or fewer have the given chance, by bisection."""
    low, high = 1e-9, 4.0 * events + 20.0
    for _ in range(80):
        middle = (low + high) / 2
        if _at_most(events, middle) > chance:
            low = middle
        else:
            high = middle
    return (low + high) / 2
