"""How high a Service's Score climbs on days without an Outage: its own nervousness."""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats32 = npt.NDArray[np.float32]

DAYS: Final = 28
_QUANTILE: Final = 0.85
USUAL: Final = 4.6
"""85 % quantile of the daily highest Score that the thresholds are made for (M2)."""
MOST: Final = 3.0
"""Largest factor on the thresholds."""
_LEAST_DAYS: Final = 7


class Calm:
    """Daily highest Scores of every Service while it has no Outage, over the last 28 days.

    Attributes:
        days: (Services, days), 0 where nothing stood out; -1 before the Service was there.
        today: highest Score so far today.
        day: number of the current day since 1970.
    """

    def __init__(self) -> None:
        """Start without Services."""
        self.days: Floats32 = np.zeros((0, DAYS), np.float32)
        self.today: Floats32 = np.zeros(0, np.float32)
        self.day = -1
        self._factors: Floats32 = np.ones(0, np.float32)

    def grow(self, services: int) -> None:
        """Make room for more Services."""
        more = services - len(self.today)
        if more > 0:
            self.days = np.concatenate((self.days, np.full((more, DAYS), -1.0, np.float32)))
            self.today = np.concatenate((self.today, np.zeros(more, np.float32)))
        self._weigh()

    def _weigh(self) -> None:
        seen = (self.days >= 0.0).sum(axis=1)
        high = np.quantile(np.maximum(self.days, 0.0), _QUANTILE, axis=1) if len(seen) else seen
        factor = np.where(seen >= _LEAST_DAYS, np.clip(high / USUAL, 1.0, MOST), 1.0)
        self._factors = factor.astype(np.float32)

    def turn(self, minute: int) -> None:
        """Begin a new day when the minute is in one."""
        day = minute // 1440
        if day == self.day:
            return
        if self.day >= 0:
            self.days[:, self.day % DAYS] = self.today
            self.today[:] = 0.0
        self.day = day
        self._weigh()

    def note(self, service: int, z: float) -> None:
        """Take a Score of a Service that has no Outage."""
        self.today[service] = max(self.today[service], np.float32(z))

    def factor(self, service: int) -> float:
        """What the Service's thresholds are multiplied by: 1 for most, up to 3."""
        return float(self._factors[service])
