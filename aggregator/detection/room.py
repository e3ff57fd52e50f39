"""The learnt state of an Engine, as the rules look at it."""

import math
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from aggregator.detection.baseline import LEARNING, Baseline
from aggregator.detection.params import Parameters
from aggregator.detection.ring import Ring
from aggregator.detection.sensitivity import Sensitivities, Sensitivity
from aggregator.detection.series import SeriesTable

Floats = npt.NDArray[np.float64]
QUARTERS_A_DAY: Final = 96.0


@dataclass(slots=True)
class Room:
    """Series, the last two hours, what is usual, and the settings."""

    series: SeriesTable
    ring: Ring
    baseline: Baseline
    parameters: Parameters
    sensitivities: Sensitivities = field(default_factory=Sensitivities)

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

    def reports_per_day(self, service: int) -> float:
        """Reports that are usual for a Service in a day."""
        return float(self.baseline.level[self.world(service)]) * QUARTERS_A_DAY

    def sensitivity(self, service: int) -> Sensitivity:
        """The step that holds for a Service."""
        return self.sensitivities.of(self.slug(service), self.reports_per_day(service))

    def factors(self) -> tuple[Floats, Floats]:
        """What the steps multiply, by Service: the Scores asked for, and the excesses.

        The last of each is the sink's, whose Service is -1.
        """
        slugs = self.series.topology.services
        if self.sensitivities.is_plain:
            return np.ones(len(slugs) + 1), np.ones(len(slugs) + 1)
        worlds = [own[0] if own else 0 for own in self.series.members]
        usual = self.baseline.level[worlds] * QUARTERS_A_DAY
        scores, reports = self.sensitivities.factors(slugs, usual)
        return np.append(scores, 1.0), np.append(reports, 1.0)

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
