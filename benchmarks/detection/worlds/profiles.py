"""How the excess of an outage rises and falls, minute by minute, as a share of its peak.

People notice, then come to report: every sudden start rises over a few minutes
(``1 - exp(-t / lag)``), so a delay counted from the onset holds the crowd's own lag.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.detection.truth import OutageKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


def _plateau(length: int, lag: float, tail: float) -> NDArray[np.float64]:
    """Rise with ``lag`` minutes, stay until ``length``, fall with ``tail`` minutes."""
    minute = np.arange(length + int(6 * tail))
    rise = 1 - np.exp(-(minute + 1) / lag)
    fall = np.exp(-np.maximum(minute - length, 0) / tail)
    return np.asarray(rise * fall)


def _lag(rng: np.random.Generator) -> float:
    return float(rng.uniform(2, 6))


def step(rng: np.random.Generator) -> NDArray[np.float64]:
    """Down at once for half an hour to three hours."""
    return _plateau(int(rng.integers(30, 180)), _lag(rng), float(rng.uniform(8, 20)))


def ramp(rng: np.random.Generator) -> NDArray[np.float64]:
    """Worse and worse for 30 to 60 minutes, then a plateau."""
    climb = int(rng.integers(30, 60))
    held = _plateau(climb + int(rng.integers(30, 90)), 0.1, 15.0)
    held[:climb] *= np.arange(1, climb + 1) / climb
    return held


def blip(rng: np.random.Generator) -> NDArray[np.float64]:
    """Five minutes, and over."""
    return _plateau(5, float(rng.uniform(1.5, 2.5)), 5.0)


def burn(rng: np.random.Generator) -> NDArray[np.float64]:
    """Three to eight hours that start over half an hour."""
    held = _plateau(int(rng.integers(180, 480)), 0.1, 20.0)
    held[:30] *= np.arange(1, 31) / 30
    return held


def story(rng: np.random.Generator) -> NDArray[np.float64]:
    """Half an hour of everybody, then a fifth of them for hours."""
    minute = np.arange(360)
    rise = 1 - np.exp(-(minute + 1) / 3.0)
    held = 0.2 + 0.8 * np.exp(-np.maximum(minute - 30, 0) / float(rng.uniform(12, 20)))
    return np.asarray(rise * held * np.exp(-np.maximum(minute - 240, 0) / 20))


def flapping(rng: np.random.Generator) -> NDArray[np.float64]:
    """Three to five bouts of 20 to 40 minutes, 20 to 60 minutes apart: one episode."""
    bouts = []
    for _ in range(int(rng.integers(3, 6))):
        bout = _plateau(int(rng.integers(20, 40)), 3.0, 5.0)
        bouts += [bout, np.zeros(int(rng.integers(20, 60)))]
    return np.concatenate(bouts[:-1])


def nine_hours(rng: np.random.Generator) -> NDArray[np.float64]:
    """A working day's outage: a first rush, then two thirds of it for hours, wavering."""
    held = _plateau(540, _lag(rng), 20.0)
    minute = np.arange(held.size)
    rush = 0.65 + 0.35 * np.exp(-minute / 60)
    return np.asarray(held * rush * (1 + 0.12 * np.sin(minute / 40)))


PROFILES: dict[OutageKind, Callable[[np.random.Generator], NDArray[np.float64]]] = {
    OutageKind.STEP: step,
    OutageKind.RAMP: ramp,
    OutageKind.BLIP: blip,
    OutageKind.BURN: burn,
    OutageKind.COUNTRY: step,
    OutageKind.SUBDIVISION: step,
    OutageKind.STORY: story,
    OutageKind.FLAPPING: flapping,
    OutageKind.NINE_HOURS: nine_hours,
    OutageKind.JOINT: step,
    OutageKind.NESTED: step,
}


def echo(rng: np.random.Generator) -> NDArray[np.float64]:
    """People who read the news later: most after a quarter of an hour, gone in ninety minutes."""
    minute = np.arange(90) / float(rng.uniform(12, 18))
    return np.asarray(minute * np.exp(1 - minute))


def surge(length: int, rise: int, factor: float) -> NDArray[np.float64]:
    """A benign factor on the rate: up over ``rise`` minutes, ``length`` minutes in all.

    >>> surge(5, 2, 2.0).tolist()
    [1.5, 2.0, 2.0, 2.0, 1.5]
    """
    minute = np.arange(1, length + 1)
    slope = np.minimum(1, np.minimum(minute, minute[::-1]) / rise)
    return np.asarray(1 + (factor - 1) * slope)


def length_over(profile: NDArray[np.float64], share: float = 0.1) -> int:
    """Minutes until the profile stays under ``share`` of its peak.

    >>> length_over(np.array([0.5, 1.0, 0.05, 0.2, 0.01]))
    4
    """
    return int(np.flatnonzero(profile >= share * profile.max()).max()) + 1
