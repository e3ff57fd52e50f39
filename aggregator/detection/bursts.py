"""Bursts that come at the same minute every day: scheduled jobs, not outages.

Quarter-hours are too coarse for them: a burst of one minute still looks fifteen times the usual
in the short windows after its quarter-hour has learnt it. So the bursts of the last days are
remembered one by one, and a burst that came before at this time of day is taken out of the count.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from aggregator.detection.packing import Plain

DAY: Final = 1440
KEPT_DAYS: Final = 8
NEAR: Final = 3
"""Minutes by which a daily burst may be early or late."""
BURST_AGE: Final = 6
"""Minutes after which a burst is taken note of: by then it is over, or it was none."""
LEAST_DAYS: Final = 1
"""Earlier days (of the last eight) on which it must have come."""


class DailyBursts:
    """Minutes in which a series burst, for the last eight days."""

    def __init__(self) -> None:
        """Start empty."""
        self._seen: dict[int, list[tuple[int, float]]] = {}

    def note(self, series: int, minute: int, excess: float) -> None:
        """Remember a burst: Reports over the expected in its minute."""
        kept = self._seen.setdefault(series, [])
        if kept and minute - kept[-1][0] <= BURST_AGE:
            kept[-1] = (kept[-1][0], max(kept[-1][1], excess))
            return
        while kept and kept[0][0] < minute - KEPT_DAYS * DAY:
            kept.pop(0)
        kept.append((minute, excess))

    def expected(self, series: int, minute: int) -> float:
        """Reports a burst usually brings at this minute of the day; 0 when none is due.

        The mean of the last days' bursts within three minutes of this time of day.

        >>> bursts = DailyBursts()
        >>> bursts.note(1, 540, 20.0); bursts.note(1, 540 + DAY, 30.0)
        >>> bursts.expected(1, 541 + 2 * DAY), bursts.expected(1, 600 + 2 * DAY)
        (25.0, 0.0)
        """
        by_day: dict[int, float] = {}
        for when, excess in self._seen.get(series, ()):
            days, off = divmod(minute - when + NEAR, DAY)
            if 1 <= days <= KEPT_DAYS and off <= 2 * NEAR:
                by_day[days] = max(by_day.get(days, 0.0), excess)
        if len(by_day) < LEAST_DAYS:
            return 0.0
        return sum(by_day.values()) / len(by_day)

    def due(self, series: int, first: int, last: int) -> float:
        """The largest burst expected in the minutes first..last."""
        if series not in self._seen:
            return 0.0
        return max(self.expected(series, minute) for minute in range(first, last + 1))

    def dump(self) -> list[Plain]:
        """Plain rows (series, minute, excess) for a checkpoint."""
        return [
            [series, minute, excess]
            for series, kept in sorted(self._seen.items())
            for minute, excess in kept
        ]

    def load(self, rows: list[list[float]], number: npt.NDArray[np.int64]) -> None:
        """Read `dump` back; `number` says where each series went, -1 for gone."""
        for series, minute, excess in rows:
            at = int(number[int(series)])
            if at >= 0:
                self._seen.setdefault(at, []).append((int(minute), float(excess)))
