"""The peers: each a rule that scores every minute of a service, and a range of thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.detection.peers import minutes, quarter_hours
from benchmarks.detection.peers.series import BIN
from benchmarks.detection.scoring import Record

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from benchmarks.detection.peers.minutes import Sums
    from benchmarks.detection.peers.series import Series

GATE = 10.0
"""Excess reports in sixty minutes without which no count-based rule may alarm."""

MERGE = 30
"""Minutes without alarm after which the next one is a new record."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One service in its test weeks: the series, their sums and the excess of the last hour."""

    slug: str
    start: int
    series: Series
    sums: tuple[Sums, ...]
    excess: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Alarms:
    """The minutes of the test weeks with a score, the best Region's score, and its row."""

    minute: NDArray[np.int64]
    score: NDArray[np.float64]
    row: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Peer:
    """One rule. ``low`` and ``high`` bound the thresholds worth trying."""

    name: str
    alarms: Callable[[Scene], Alarms]
    low: float
    high: float

    def thresholds(self, number: int = 20) -> tuple[float, ...]:
        """Thresholds to try, low ones first, evenly spread in ratio."""
        return tuple(float(h) for h in np.geomspace(self.low, self.high, number))


def gather(parts: list[tuple[NDArray[np.int64], NDArray[np.float64]]]) -> Alarms:
    """The best of several rows' (minute, score), by minute."""
    minute = np.concatenate([at for at, _ in parts])
    score = np.concatenate([value for _, value in parts])
    row = np.concatenate([np.full(at.size, k) for k, (at, _) in enumerate(parts)])
    order = np.lexsort((-score, minute))
    first = np.ones(order.size, bool)
    first[1:] = np.diff(minute[order]) > 0
    kept = order[first]
    return Alarms(minute[kept], score[kept], row[kept])


def records(scene: Scene, alarms: Alarms, threshold: float) -> list[Record]:
    """Alarms at or over ``threshold`` as records; an end is the last minute of alarm."""
    loud = np.flatnonzero(alarms.score >= threshold)
    minute = alarms.minute[loud]
    if minute.size == 0:
        return []
    cuts = np.flatnonzero(np.diff(minute) > MERGE) + 1
    firsts, lasts = np.concatenate([[0], cuts]), np.concatenate([cuts, [minute.size]]) - 1
    return [
        Record(
            service=scene.slug,
            detected_at=scene.start + int(minute[a]) + 1,
            confirmed_at=None,
            ended_at=scene.start + int(minute[b]) + 1,
            regions=tuple(r for r in (scene.series.regions[alarms.row[loud[a]]],) if r),
        )
        for a, b in zip(firsts, lasts, strict=True)
    ]


def by_quarter(
    rule: quarter_hours.Rule,
) -> Callable[[Scene], Alarms]:
    """A rule on quarter-hours: its alarm comes with the last minute of the bin."""

    def alarms(scene: Scene) -> Alarms:
        scores = rule(scene.series.bins, scene.series.test_bin)
        open_ = scene.excess[:, BIN - 1 :: BIN] >= GATE
        parts = []
        for score, gate in zip(scores, open_, strict=True):
            hot = np.flatnonzero(gate & (score > 0))
            parts.append((hot * BIN + BIN - 1, score[hot]))
        return gather(parts)

    return alarms


def by_minute(
    rule: Callable[[Sums, NDArray[np.int64]], NDArray[np.float64]],
) -> Callable[[Scene], Alarms]:
    """A rule on minutes, asked only where the gate is open."""

    def alarms(scene: Scene) -> Alarms:
        parts = []
        for sums, gate in zip(scene.sums, scene.excess, strict=True):
            at = np.flatnonzero(gate >= GATE)
            parts.append((at, rule(sums, at)))
        return gather(parts)

    return alarms


def downdetector(*, sliding: bool, least: int, floor: float) -> Callable[[Scene], Alarms]:
    """Downdetector's published rule: 15 minutes against the mean for the time of day.

    Args:
        sliding: every minute instead of every quarter-hour.
        least: reports in the 15 minutes without which nothing is said.
        floor: smallest mean to divide by.
    """

    def alarms(scene: Scene) -> Alarms:
        series = scene.series
        usual = quarter_hours.daily_mean(series.bins, series.test_bin)
        parts = []
        for sums, mean in zip(scene.sums, usual, strict=True):
            at = np.arange(sums.minutes)
            seen, _ = sums.window(at, BIN)
            due = np.maximum(np.repeat(mean, BIN), floor)
            hot = np.flatnonzero((seen >= least) & (sliding | ((at + 1) % BIN == 0)))
            parts.append((hot, seen[hot] / due[hot]))
        return gather(parts)

    return alarms


PEERS = (
    Peer("NB scan", by_minute(minutes.scan), 3, 16),
    Peer(
        "Poisson-FOCuS, scaled",
        by_minute(lambda s, at: minutes.focus(s, at, scaled=True, least=2.0)),
        3.5,
        24,
    ),
    Peer(
        "Poisson-FOCuS, raw",
        by_minute(lambda s, at: minutes.focus(s, at, scaled=False, least=1.0)),
        6,
        90,
    ),
    Peer("Downdetector, aligned", downdetector(sliding=False, least=10, floor=0.5), 2, 60),
    Peer("Downdetector, sliding", downdetector(sliding=True, least=20, floor=1.0), 2, 60),
    Peer("EARS C2", by_quarter(quarter_hours.ears_c2), 3, 120),
    Peer("Farrington-like", by_quarter(quarter_hours.farrington), 3, 40),
    Peer("robust z", by_quarter(quarter_hours.robust_z), 3, 120),
    Peer("S-H-ESD", by_quarter(quarter_hours.seasonal_esd), 3, 200),
)
