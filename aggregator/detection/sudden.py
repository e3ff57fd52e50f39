"""A crowd that comes at once: the last minutes against the hour before them.

What makes a Service's usual rate uncertain, its mood, lasts for hours; so the hour before tells it
(see `mood`), and a jump above it within some minutes can be told sooner than against the Baseline
alone. How far a mood moves on within the hour is learnt of each series, `Baseline.drift`. One
minute proves nothing (a job, a shared link): the fullest minute of a window counts as the second
fullest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from aggregator.detection.mood import BEFORE, mood
from aggregator.detection.room import Room
from aggregator.detection.scoring import heavy_score

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WINDOWS: Final = (2, 3, 5, 8, 13)
"""Minutes in which a crowd comes at once (M6: with 21, scheduled surges look like one)."""


@dataclass(frozen=True, slots=True)
class Known:
    """What else is known of some series.

    Attributes:
        factor: what the expected Reports are multiplied by (a holiday).
        daily: Reports that come at this time every day.
        people: most Reports that count, for how few networks they come from.
    """

    factor: float = 1.0
    daily: float = 0.0
    people: float = np.inf


NOTHING: Final = Known()


def without_fullest(cumulative: Floats, windows: Sequence[int]) -> Floats:
    """Reports in each window of two minutes or more, its fullest minute as the second fullest.

    Args:
        cumulative: Reports of the last 0, 1, 2, .. minutes: (minutes + 1, series).
        windows: in minutes.

    >>> last = np.cumsum([[0.0], [1], [9], [2], [1], [1], [0], [1], [0]], axis=0)
    >>> without_fullest(last, (2, 3, 5, 8))[:, 0].tolist()
    [2.0, 5.0, 7.0, 8.0]
    """
    minutes = np.diff(cumulative, axis=0)
    counts = []
    for window in windows:
        ranked = np.partition(minutes[:window], (window - 2, window - 1), axis=0)
        counts.append(cumulative[window] - (ranked[-1] - ranked[-2]))
    return np.array(counts)


def sudden_scores(room: Room, series: Ints, known: Known = NOTHING) -> Floats:
    """Score of every window of `WINDOWS`: (windows, series), 0 below `least_ratio`.

    The usual rate is taken at a mood of 1 at least: after a quiet hour the usual is no jump.
    """
    ring, baseline = room.ring, room.baseline
    windows = np.array(WINDOWS)
    reports, means = ring.windows(np.arange(WINDOWS[-1] + 1), series)
    observed, expected = reports[windows], means[windows]
    with_before, usual = ring.windows(windows + BEFORE, series)
    variance = baseline.slow[series] + baseline.doubt[series]
    fast, drift = baseline.fast[series], baseline.drift[series]
    before = with_before - observed, known.factor * (usual - expected)
    mean, left = mood(*before, variance, fast, drift)
    count = np.minimum(
        np.maximum(without_fullest(reports, WINDOWS) - known.daily, 0.0), known.people
    )
    spread = left + drift + fast / windows[:, None]
    rate = np.maximum(known.factor * np.maximum(mean, 1.0) * expected, 1e-6)
    return heavy_score(count, rate, spread, room.parameters.least_ratio)
