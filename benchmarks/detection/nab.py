"""The Numenta Anomaly Benchmark's scoring, standard profile, from its published formula.

Lavin & Ahmad 2015, "Evaluating Real-time Anomaly Detection Algorithms": the first detection in
a labelled window earns up to 1, the earlier the more; each detection outside costs up to 0.11,
the further after a window the more; a window without detection costs 1. The sum is put on a
scale where detecting nothing is 0 and detecting every window at its first row is 100.
Instants are row numbers of the series.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FALSE_WEIGHT = 0.11
_FAR = 3.0
_PROBATION_SHARE = 0.15
_PROBATION_CAP = 5000


@dataclass(frozen=True, slots=True)
class Window:
    """A labelled anomaly: its first and last row."""

    first: int
    last: int

    @property
    def rows(self) -> int:
        """How many rows it holds."""
        return self.last - self.first + 1


def worth(position: float) -> float:
    """The scaled sigmoid: 1 well before, 0 at the window's end (position 0), -1 well after.

    >>> round(worth(-1), 3), worth(0), worth(4)
    (0.987, 0.0, -1.0)
    """
    if position > _FAR:
        return -1.0
    return 2 / (1 + math.exp(5 * position)) - 1


def probation(rows: int) -> int:
    """Rows at the start of a series that are not scored.

    >>> probation(15_902), probation(1_000)
    (750, 150)
    """
    return math.floor(_PROBATION_SHARE * min(rows, _PROBATION_CAP))


def raw_score(detections: Iterable[int], windows: Sequence[Window], rows: int) -> float:
    """The sum of one series, before the common scale.

    Args:
        detections: rows detected.
        windows: the labelled ones, in order.
        rows: length of the series.
    """
    start = probation(rows)
    best: dict[Window, float] = {}
    total = 0.0
    for row in sorted(row for row in detections if row >= start):
        inside = next((w for w in windows if w.first <= row <= w.last), None)
        if inside is None:
            total += FALSE_WEIGHT * _false_worth(row, windows)
        else:
            earned = worth(-(inside.last - row + 1) / inside.rows) / worth(-1)
            best[inside] = max(best.get(inside, -1.0), earned)
    return total + sum(best.get(window, -1.0) for window in windows)


def _false_worth(row: int, windows: Sequence[Window]) -> float:
    before = [window for window in windows if window.last < row]
    if not before:
        return -1.0
    return worth((row - before[-1].last) / max(1, before[-1].rows - 1))


def final_score(raw: float, windows: int) -> float:
    """``raw``, summed over series with so many windows, between nothing (0) and perfect (100).

    >>> final_score(-14, 14), final_score(14, 14)
    (0.0, 100.0)
    """
    return 100 * (raw + windows) / (2 * windows)
