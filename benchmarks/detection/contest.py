"""Our detector, the peers and the oracle on the same worlds; peers at their best threshold."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from aggregator.detection import Parameters
from aggregator.detection.sensitivity import Factors
from benchmarks.detection.figures import Figures, sum_up
from benchmarks.detection.ours import detect
from benchmarks.detection.peers.field import compete, oracle
from benchmarks.detection.scoring import Score, score
from benchmarks.detection.truth import NuisanceKind
from benchmarks.detection.worlds.world import make_world

if TYPE_CHECKING:
    from collections.abc import Sequence

OURS = "Outcry"
ORACLE = "oracle"
FIXED = 1.0
"""The threshold of those who have none to choose, and our own: its parameters as they are."""

BUDGETED = (NuisanceKind.BACKGROUND, NuisanceKind.FLASH, NuisanceKind.SPAM)
"""What a peer's threshold is to keep rare; the rest it was never made for."""


@dataclass(frozen=True, slots=True)
class Size:
    """How big each world is: services, weeks of history, labelled weeks."""

    services: int = 60
    history: int = 8
    weeks: int = 13


@dataclass(frozen=True, slots=True)
class Field:
    """Who plays: our detector with its Scores' thresholds times each of ``scales``, and peers."""

    scales: tuple[float, ...] = (1.0,)
    peers: bool = True


Results = dict[str, dict[float, list[Score]]]
"""Scores by detector and threshold (`FIXED`: it has none to choose), one a world."""


def play(seed: int, size: Size, field: Field) -> dict[str, dict[float, Score]]:
    """Every detector on the world of ``seed``."""
    world = make_world(seed, size.services, size.history, size.weeks)
    _tell(f"world {seed} is made, {sum(rows.count.size for rows in world.rows):,} rows")
    ours = {s: score(world.truth, detect(world, scaled(Parameters(), s))) for s in field.scales}
    _tell(f"world {seed}: ours is done")
    peers = compete(world) if field.peers else {}
    _tell(f"world {seed}: all are done")
    return {ORACLE: {FIXED: oracle(world.truth)}, OURS: ours, **peers}


def scaled(parameters: Parameters, scale: float) -> Parameters:
    """``parameters`` with every threshold of a Score multiplied by ``scale``.

    >>> scaled(Parameters(), 1.0) == Parameters()
    True
    """
    if scale == 1:
        return parameters
    return parameters.changed(
        f"{parameters.version} x {scale:g}",
        thresholds=Factors(scale, 1.0).of(parameters.thresholds),
        slow_scores=tuple((w, scale * z) for w, z in parameters.slow_scores),
    )


def _tell(progress: str) -> None:
    """Say on standard error how far a long run is."""
    print(f"{time.strftime('%X')} {progress}", file=sys.stderr, flush=True)


def contest(seeds: Sequence[int], size: Size, *, jobs: int = 1, field: Field = Field()) -> Results:
    """Play every seed, ``jobs`` at a time, each in a process of its own."""
    results: Results = {}
    with ProcessPoolExecutor(jobs) as pool:
        waiting = [pool.submit(play, seed, size, field) for seed in seeds]
        for future in waiting:
            for name, by_threshold in future.result().items():
                for threshold, one in by_threshold.items():
                    results.setdefault(name, {}).setdefault(threshold, []).append(one)
    return results


def within_budget(by_threshold: dict[float, list[Score]], budget: float) -> float:
    """The lowest threshold with at most ``budget`` false outages a service-year.

    Counted are those of `BUDGETED`, on the very worlds scored: an advantage to the peer. The
    highest threshold if none is low enough.
    """
    for threshold in sorted(by_threshold):
        scores = by_threshold[threshold]
        false = sum(f.blame in BUDGETED for one in scores for f in one.false)
        if false <= budget * sum(one.truth.service_years() for one in scores):
            return threshold
    return max(by_threshold)


def standings(results: Results, budget: float = 0.5) -> list[Figures]:
    """The figures of every detector, each peer at its best threshold within ``budget``."""
    table = []
    for name, by_threshold in results.items():
        if FIXED in by_threshold:
            table.append(sum_up(name, by_threshold[FIXED]))
        else:
            threshold = within_budget(by_threshold, budget)
            table.append(sum_up(f"{name} >= {threshold:.1f}", by_threshold[threshold]))
    return table
