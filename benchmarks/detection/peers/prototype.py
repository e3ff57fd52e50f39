"""The reference prototype's rule: the NB scan with its states, at its own thresholds.

Possible at z >= 6.3, confirmed at z >= 10 with 20 excess reports in 15 minutes, over after 15
calm minutes; an alarm within three hours of the end is the same outage going on, unless z >= 8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.detection.peers.minutes import SCAN_WINDOWS, calm, excess, scan
from benchmarks.detection.peers.series import BIN
from benchmarks.detection.scoring import Record

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.detection.peers.rules import Alarms, Scene

POSSIBLE = 6.3
CONFIRMED = 10.0
CONFIRMED_EXCESS = 20.0
REOPEN = 180
ANEW = 8.0


def episodes(scene: Scene, alarms: Alarms, threshold: float = POSSIBLE) -> list[Record]:
    """The records of one service from the scan's ``alarms``."""
    spans: list[tuple[int, int, int]] = []
    quiet = [calm(sums) for sums in scene.sums]
    over = [np.flatnonzero(quiet[0] & own) for own in quiet]
    for k in np.flatnonzero(alarms.score >= threshold):
        minute, row = int(alarms.minute[k]), int(alarms.row[k])
        if spans and minute < spans[-1][1]:
            continue
        end = _next(over[row], minute)
        if spans and _same(scene, row, minute, spans[-1][1]):
            spans[-1] = (spans[-1][0], end, spans[-1][2])
        else:
            spans.append((minute, end, row))
    certain = _certain(scene, alarms)
    return [_record(scene, span, certain) for span in spans]


def _same(scene: Scene, row: int, minute: int, ended: int) -> bool:
    """Whether an alarm after ``ended`` goes on with that outage: weak on later data alone."""
    if minute > ended + REOPEN:
        return False
    windows = [w for w in SCAN_WINDOWS if w <= minute - ended]
    return not windows or scan(scene.sums[row], np.array([minute]), windows)[0] < ANEW


def _certain(scene: Scene, alarms: Alarms) -> NDArray[np.int64]:
    """The minutes in which an open outage would be confirmed."""
    strong = np.flatnonzero(alarms.score >= CONFIRMED)
    quarter = np.stack([excess(sums, BIN) for sums in scene.sums]).max(axis=0)
    return np.asarray(alarms.minute[strong[quarter[alarms.minute[strong]] >= CONFIRMED_EXCESS]])


def _next(minutes: NDArray[np.int64], after: int) -> int:
    """The first of ``minutes`` past ``after``; far away if there is none."""
    at = int(np.searchsorted(minutes, after, side="right"))
    return int(minutes[at]) if at < minutes.size else after + 10_000


def _record(scene: Scene, span: tuple[int, int, int], certain: NDArray[np.int64]) -> Record:
    start, end, row = span
    sure = certain[(certain >= start) & (certain <= end)]
    region = scene.series.regions[row]
    return Record(
        service=scene.slug,
        detected_at=scene.start + start + 1,
        confirmed_at=scene.start + int(sure[0]) + 1 if sure.size else None,
        ended_at=scene.start + end + 1,
        regions=(region,) if region else (),
    )
