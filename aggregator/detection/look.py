"""A close look at one series: what it would score if some of it had another explanation."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from aggregator.detection.room import Room
from aggregator.detection.scan import lasting, spread
from aggregator.detection.scoring import score
from aggregator.detection.sudden import without_fullest

Floats = npt.NDArray[np.float64]

LEAST_MEAN: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Look:
    """One series over all windows, shortest first; arrays are (windows, 1).

    Attributes:
        room: where the series is; its parameters' `windows` are these.
        series: its number.
        observed: Reports.
        expected: expected Reports.
        variance: relative variance of the rate.
    """

    room: Room
    series: int
    observed: Floats
    expected: Floats
    variance: Floats

    def score(self, *, factor: float = 1.0, most: float = np.inf) -> float:
        """Score at `factor` times the usual, if at most so many Reports counted."""
        count = np.minimum(self.observed, most)
        mean = np.maximum(factor * self.expected, LEAST_MEAN)
        return float(score(count, mean, self.variance, self.room.parameters.least_ratio).max())

    def score_without(self, reports: float, window: int) -> float:
        """Score of one window without so many of its Reports."""
        at = self.room.parameters.windows.index(window)
        left = np.maximum(self.observed[at] - reports, 0.0)
        mean = np.maximum(self.expected[at], LEAST_MEAN)
        return float(score(left, mean, self.variance[at], self.room.parameters.least_ratio)[0])

    def is_lasting(self, nervous: float, holiday: float = 1.0) -> bool:
        """Whether a slow burn is seen by a nervous Service's bar; one full minute is none.

        Where a `holiday` would bring so many times the usual, it is taken for one.
        """
        parameters = self.room.parameters
        minutes = np.arange(parameters.windows[-1] + 1)
        cumulative, _ = self.room.ring.windows(minutes, np.array([self.series]))
        longer = without_fullest(cumulative, parameters.windows[1:])
        count, mean = np.vstack((self.observed[:1], longer)), holiday * self.expected
        asked = parameters.on_holiday() if holiday > 1.0 else parameters
        return bool(lasting(count, mean, self.variance, asked, nervous=nervous)[0])

    def is_crowd(self, rate: float) -> bool:
        """Whether the Reports, `rate` a minute at least, are unmistakable without a history."""
        parameters, observed = self.room.parameters, self.observed[:, 0]
        enough = np.maximum(parameters.crowd_reports, rate * np.array(parameters.windows))
        far = observed >= parameters.crowd_ratio * self.expected[:, 0]
        return bool(((observed >= enough) & far).any())


def look(room: Room, series: int) -> Look:
    """How a series stands at the end of the last minute."""
    at, windows = np.array([series]), np.array(room.parameters.windows)
    observed, expected = room.ring.windows(windows, at)
    return Look(room, series, observed, expected, spread(room.baseline, at, windows))
