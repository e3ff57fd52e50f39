"""A crowd that comes at once: the last minutes against the hour before them.

What makes a Service's usual rate uncertain, its mood, lasts for hours; so the hour before tells
the mood, and a jump above it within a few minutes can be told sooner than against the Baseline
alone. The mood is Gamma-distributed about 1 with relative variance slow + doubt; the N Reports
of that hour, E expected, make it (conjugate to the Poisson law) one of

    mean (a + n N / E) / (a + n), at least 1, and relative variance 1 / (a + n),

a = 1 / (slow + doubt) and n = 1 / (1 / E + fast / 60 + drift): what the hour's Reports are worth
when single minutes waver and the mood moves on. One minute proves nothing (a job, a shared link):
the fullest minute of a window counts as the second fullest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from aggregator.detection.room import Room
from aggregator.detection.scoring import TINY, score

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

WINDOWS: Final = (2, 3, 5, 8)
"""Minutes in which a crowd comes at once; longer windows find nothing more (M4)."""
BEFORE: Final = 60
"""Minutes that tell the mood."""
DRIFT: Final = 0.03
"""Relative variance by which a mood moves on within an hour (M4)."""


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


def mood(
    reports: Floats, expected: Floats, variance: Floats, fast: Floats
) -> tuple[Floats, Floats]:
    """Mean, at least 1, and relative variance of the mood, given an hour's Reports.

    >>> even, busy = mood(np.array([30.0, 60.0]), np.full(2, 30.0), np.full(2, 0.1), np.zeros(2))[0]
    >>> float(even), float(busy.round(2))
    (1.0, 1.61)
    """
    prior = 1.0 / np.maximum(variance, TINY)
    worth = 1.0 / (1.0 / np.maximum(expected, TINY) + fast / BEFORE + DRIFT)
    seen = reports / np.maximum(expected, TINY)
    mean = (prior + worth * seen) / (prior + worth)
    return np.maximum(mean, 1.0), 1.0 / (prior + worth)


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
    """Score of every window of `WINDOWS`: (windows, series), 0 below `least_ratio`."""
    ring, baseline = room.ring, room.baseline
    windows = np.array(WINDOWS)
    reports, means = ring.windows(np.arange(WINDOWS[-1] + 1), series)
    observed, expected = reports[windows], means[windows]
    with_before, usual = ring.windows(windows + BEFORE, series)
    slow, fast, doubt = (part[series] for part in (baseline.slow, baseline.fast, baseline.doubt))
    mean, variance = mood(
        with_before - observed, known.factor * (usual - expected), slow + doubt, fast
    )
    count = np.minimum(
        np.maximum(without_fullest(reports, WINDOWS) - known.daily, 0.0), known.people
    )
    spread = variance + DRIFT + fast / windows[:, None]
    rate = np.maximum(known.factor * mean * expected, 1e-6)
    return score(count, rate, spread, room.parameters.least_ratio)
