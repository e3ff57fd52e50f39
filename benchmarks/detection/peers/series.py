"""One service's counts as the peers see them: a series for every Region that has reports."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.detection.worlds.habits import local_slots
from benchmarks.detection.worlds.places import covers, nodes_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.detection.worlds.world import World

BIN = 15
LEAD = 120
"""Minutes before the test weeks that the per-minute rules look back on."""


@dataclass(frozen=True, slots=True)
class Series:
    """Counts of one service, a row a Region (descendants included), the world first.

    ``counts`` has a column a minute; ``bins`` a column a quarter-hour; ``squares`` the sum
    of the squared minutes of each; ``slots`` the local week's slot of each quarter-hour.
    ``test`` is the first minute of the test weeks.
    """

    regions: tuple[str, ...]
    counts: NDArray[np.int32]
    bins: NDArray[np.float32]
    squares: NDArray[np.float32]
    slots: NDArray[np.int64]
    test: int

    @property
    def test_bin(self) -> int:
        """The first quarter-hour of the test weeks."""
        return self.test // BIN


def series_of(world: World, service: int, slots: dict[str, NDArray[np.int64]]) -> Series:
    """The series of one service; Regions with next to no reports are left out.

    Args:
        world: where.
        service: index into the world's services.
        slots: what `slots_by_region` gave.
    """
    table = world.dense(service)
    rows, regions = [], []
    for node in nodes_of(world.codes):
        row = table[[covers(node, code) for code in world.codes]].sum(axis=0, dtype=np.int32)
        if node == "" or row.sum() >= 2 * BIN:
            rows.append(row)
            regions.append(node)
    counts = np.stack(rows)
    cells = counts.reshape(len(rows), -1, BIN)
    return Series(
        regions=tuple(regions),
        counts=counts,
        bins=cells.sum(axis=2).astype(np.float32),
        squares=np.square(cells, dtype=np.float32).sum(axis=2),
        slots=np.stack([slots[region] for region in regions]),
        test=world.truth.test_start - world.truth.start,
    )


def slots_by_region(world: World) -> dict[str, NDArray[np.int64]]:
    """Local week's slot of every quarter-hour, by Region (the world: UTC)."""
    quarters = world.minutes // BIN
    return {
        node: local_slots(world.zones.get(node, "UTC"), world.truth.start, quarters)
        for node in nodes_of(world.codes)
    }
