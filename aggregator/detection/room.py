"""The learnt state of an Engine, as the rules look at it."""

import math
from dataclasses import dataclass

import numpy as np

from aggregator.detection.baseline import LEARNING, Baseline
from aggregator.detection.params import Parameters
from aggregator.detection.ring import Ring
from aggregator.detection.series import SeriesTable


@dataclass(slots=True)
class Room:
    """Series, the last two hours, what is usual, and the settings."""

    series: SeriesTable
    ring: Ring
    baseline: Baseline
    parameters: Parameters

    def slug(self, service: int) -> str:
        """A Service's slug."""
        return self.series.topology.services[service]

    def world(self, service: int) -> int:
        """Number of a Service's worldwide series, 0 before its first Report."""
        number = self.series.number(service, self.series.topology.root)
        return 0 if number is None else number

    def node(self, service: int, region: int) -> int:
        """Number of a series, the world's where there is none."""
        number = self.series.number(service, region)
        return self.world(service) if number is None else number

    def is_learning(self, service: int) -> bool:
        """Whether a Service has less than a day of history."""
        return bool(self.baseline.seen[self.world(service)] < LEARNING)

    def excess_rate(self, series: int) -> float:
        """Reports a minute surely over the expected: the largest over 5, 10 and 30 minutes.

        Two standard deviations of the count are taken off, or the rate of a small crowd would
        be that of its luckiest minutes.
        """
        at = np.array([series])
        rates = []
        for window in (5, 10, 30):
            observed = float(self.ring.observed(window, at)[0])
            excess = observed - float(self.ring.expected(window, at)[0])
            rates.append((excess - 2.0 * math.sqrt(observed)) / window)
        return max(rates)
