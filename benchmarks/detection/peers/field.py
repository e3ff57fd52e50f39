"""All peers on one world, each at every threshold worth trying."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.detection.peers.gamma_poisson import Baseline, learn_baseline, pooled_shape
from benchmarks.detection.peers.minutes import excess, sums_of
from benchmarks.detection.peers.offtheshelf import LIBRARY
from benchmarks.detection.peers.prototype import episodes
from benchmarks.detection.peers.rules import PEERS, Scene, records
from benchmarks.detection.peers.series import BIN, LEAD, series_of, slots_by_region
from benchmarks.detection.scoring import Finding, Score, score

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from benchmarks.detection.peers.series import Series
    from benchmarks.detection.scoring import Record
    from benchmarks.detection.truth import Truth
    from benchmarks.detection.worlds.world import World

PROTOTYPE = "prototype"
FIELD = (*PEERS, *LIBRARY)
_BATCH = 12


def compete(world: World) -> dict[str, dict[float, Score]]:
    """The score of every peer on ``world``, by name and threshold (the prototype's: 1)."""
    found: dict[str, dict[float, list[Record]]] = {
        peer.name: {h: [] for h in peer.thresholds()} for peer in FIELD
    }
    states: list[Record] = []
    for scene in scenes(world):
        for peer in FIELD:
            alarms = peer.alarms(scene)
            for threshold in peer.thresholds():
                found[peer.name][threshold] += records(scene, alarms, threshold)
            if peer is FIELD[0]:
                states += episodes(scene, alarms)
    scores = {
        name: {h: score(world.truth, kept) for h, kept in by_threshold.items()}
        for name, by_threshold in found.items()
    }
    return {PROTOTYPE: {1.0: score(world.truth, states)}, **scores}


def oracle(truth: Truth) -> Score:
    """What a test finds that knows onset, shape, size and background, and is never wrong."""
    findings = tuple(
        Finding(o, o.oracle, o.oracle, 0 if o.oracle else None, 1 if o.oracle else 0, placed=None)
        for o in truth.outages
    )
    return Score(truth, findings, (), 0, 0, ())


def scenes(world: World) -> Iterator[Scene]:
    """One `Scene` a service, their baselines learnt a dozen services at a time."""
    slots = slots_by_region(world)
    platform = _platform(world, slots)
    for first in range(0, len(world.rows), _BATCH):
        numbers = range(first, min(first + _BATCH, len(world.rows)))
        batch = [series_of(world, number, slots) for number in numbers]
        baseline = learn_baseline(
            np.concatenate([series.bins for series in batch]),
            np.concatenate([series.squares for series in batch]),
            np.concatenate([series.slots for series in batch]),
            np.concatenate([platform[[int(r != "") for r in s.regions]] for s in batch]),
            batch[0].test_bin - LEAD // BIN,
        )
        row = 0
        for number, series in zip(numbers, batch, strict=True):
            own = slice(row, row + len(series.regions))
            row = own.stop
            yield _scene(world, number, series, _rows(baseline, own))


def _rows(baseline: Baseline, own: slice) -> Baseline:
    return Baseline(
        baseline.rate[own], baseline.variance[own], baseline.slow[own], baseline.fast[own]
    )


def _scene(world: World, number: int, series: Series, baseline: Baseline) -> Scene:
    sums = tuple(sums_of(series, baseline, row) for row in range(len(series.regions)))
    return Scene(
        slug=world.truth.services[number].slug,
        start=world.truth.test_start,
        series=series,
        sums=sums,
        excess=np.stack([excess(one, 60) for one in sums]).astype(np.float32),
    )


def _platform(world: World, slots: dict[str, NDArray[np.int64]]) -> NDArray[np.float64]:
    """The pooled local week from the history of a dozen services: worldwide, and in Regions."""
    pools: Sequence[list[tuple[NDArray[np.float32], NDArray[np.int64]]]] = ([], [])
    for number in range(min(_BATCH, len(world.rows))):
        series = series_of(world, number, slots)
        for region, bins, slot in zip(series.regions, series.bins, series.slots, strict=True):
            span = slice(0, series.test_bin)
            pools[int(region != "")].append((bins[span], slot[span]))
    return np.stack(
        [pooled_shape(np.stack([b for b, _ in p]), np.stack([s for _, s in p])) for p in pools]
    )
