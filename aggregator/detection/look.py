"""A close look at one series: what it would score if some of it had another explanation."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from aggregator.detection.params import Parameters
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
        parameters: the settings, whose `windows` these are.
        observed: Reports.
        lasting: Reports, the fullest minute of each window counted as the second fullest.
        expected: expected Reports.
        variance: relative variance of the rate.
    """

    parameters: Parameters
    observed: Floats
    lasting: Floats
    expected: Floats
    variance: Floats

    def score(self, *, factor: float = 1.0, most: float = np.inf) -> float:
        """Score at `factor` times the usual, if at most so many Reports counted."""
        count = np.minimum(self.observed, most)
        mean = np.maximum(factor * self.expected, LEAST_MEAN)
        return float(score(count, mean, self.variance, self.parameters.least_ratio).max())

    def score_without(self, reports: float, window: int) -> float:
        """Score of one window without so many of its Reports."""
        at = self.parameters.windows.index(window)
        left = np.maximum(self.observed[at] - reports, 0.0)
        mean = np.maximum(self.expected[at], LEAST_MEAN)
        return float(score(left, mean, self.variance[at], self.parameters.least_ratio)[0])

    def is_lasting(self, nervous: float, holiday: float = 1.0) -> bool:
        """Whether a slow burn is seen by a nervous Service's bar; one full minute is none.

        Where a `holiday` would bring so many times the usual, it is taken for one.
        """
        parameters = self.parameters.on_holiday() if holiday > 1.0 else self.parameters
        mean = holiday * self.expected
        return bool(lasting(self.lasting, mean, self.variance, parameters, nervous=nervous)[0])

    def is_crowd(self, rate: float) -> bool:
        """Whether the Reports, `rate` a minute at least, are unmistakable without a history."""
        parameters, observed = self.parameters, self.observed[:, 0]
        enough = np.maximum(parameters.crowd_reports, rate * np.array(parameters.windows))
        far = observed >= parameters.crowd_ratio * self.expected[:, 0]
        return bool(((observed >= enough) & far).any())


def look(room: Room, series: int) -> Look:
    """How a series stands at the end of the last minute."""
    at, windows = np.array([series]), np.array(room.parameters.windows)
    cumulative, means = room.ring.windows(np.arange(windows[-1] + 1), at)
    observed, expected = cumulative[windows], means[windows]
    lasting = np.vstack((observed[:1], without_fullest(cumulative, windows[1:].tolist())))
    return Look(room.parameters, observed, lasting, expected, spread(room.baseline, at, windows))
