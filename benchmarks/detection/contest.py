"""Our detector, the peers and the oracle on the same worlds; peers at their best threshold."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.detection.figures import Figures, sum_up
from benchmarks.detection.ours import detect
from benchmarks.detection.peers.field import PROTOTYPE, compete, oracle
from benchmarks.detection.scoring import Score, score
from benchmarks.detection.truth import NuisanceKind
from benchmarks.detection.worlds.world import make_world

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

OURS = "Outcry"
ORACLE = "oracle"

BUDGETED = (NuisanceKind.BACKGROUND, NuisanceKind.FLASH, NuisanceKind.SPAM)
"""What a peer's threshold is to keep rare; the rest it was never made for."""


@dataclass(frozen=True, slots=True)
class Size:
    """How big each world is: services, weeks of history, labelled weeks."""

    services: int = 60
    history: int = 8
    weeks: int = 13


Results = dict[str, dict[float, list[Score]]]
"""Scores by detector and threshold (0: it has none of its own to choose), one a world."""


def play(seed: int, size: Size, *, peers: bool = True) -> dict[str, dict[float, Score]]:
    """Every detector on the world of ``seed``."""
    world = make_world(seed, size.services, size.history, size.weeks)
    scores = {ORACLE: {0.0: oracle(world.truth)}}
    scores[OURS] = {0.0: score(world.truth, detect(world))}
    return {**scores, **(compete(world) if peers else {})}


def contest(
    seeds: Sequence[int],
    size: Size,
    *,
    jobs: int = 1,
    peers: bool = True,
    tell: Callable[[str], None] = print,
) -> Results:
    """Play every seed, ``jobs`` at a time; ``tell`` is told of each that is done."""
    results: Results = {}
    began = time.monotonic()
    with ProcessPoolExecutor(jobs) as pool:
        waiting = [pool.submit(play, seed, size, peers=peers) for seed in seeds]
        for seed, future in zip(seeds, waiting, strict=True):
            for name, by_threshold in future.result().items():
                for threshold, one in by_threshold.items():
                    results.setdefault(name, {}).setdefault(threshold, []).append(one)
            tell(f"world {seed} after {time.monotonic() - began:.0f} s")
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
        threshold = within_budget(by_threshold, budget)
        fixed = name in (OURS, ORACLE, PROTOTYPE)
        title = name if fixed else f"{name} >= {threshold:.1f}"
        table.append(sum_up(title, by_threshold[threshold]))
    return table
