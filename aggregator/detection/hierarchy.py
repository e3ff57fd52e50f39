"""Where an excess is: the smallest set of Regions that explains it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aggregator.detection.types import Topology

EXPLAINED: Final = 0.8
"""Share of the excess that a scope must hold (M1)."""
SPILL: Final = 0.35
"""A scope is smaller than its parent only while the excess outside it is below this share of what
an even spread would put there."""
LEAST_OUTSIDE: Final = 5.0
"""Reports an even spread must put outside, else their absence shows nothing (e^-5 = 0.7 %)."""

REST: Final = 0.05
"""A parent with no more than this outside one child, in excess and usually, is that child."""


@dataclass(frozen=True, slots=True)
class Excess:
    """Reports over the expected, and the expected, in one Region over one window."""

    excess: float
    expected: float


def find_scope(topology: Topology, root: int, excess: Mapping[int, Excess]) -> tuple[int, ...]:
    """Regions whose excess sums to most of the root's, else the root alone.

    Args:
        topology: the tree.
        root: Region index to start from.
        excess: by Region index, for the root and every Region of the Service with Reports.

    Returns:
        Region indices, largest excess first.

    >>> tree = Topology(("web",), ("", "US", "DE"), (-1, 0, 0), ("UTC",) * 3)
    >>> find_scope(tree, 0, {0: Excess(50, 10), 1: Excess(49, 5), 2: Excess(1, 5)})
    (1,)
    >>> find_scope(tree, 0, {0: Excess(50, 10), 1: Excess(26, 5), 2: Excess(24, 5)})
    (0,)
    """
    whole = excess[root]
    children = sorted(
        (region for region in excess if topology.parents[region] == root),
        key=lambda region: (-excess[region].excess, region),
    )
    chosen: list[int] = []
    held = usual = 0.0
    for region in children:
        if held >= EXPLAINED * whole.excess or excess[region].excess <= 0.0:
            break
        chosen.append(region)
        held += excess[region].excess
        usual += excess[region].expected
    outside = max(0.0, 1.0 - usual / max(whole.expected, 1e-9))
    even = whole.excess * outside
    spilt = max(0.0, whole.excess - held)
    alone = len(chosen) == 1 and max(outside, spilt / max(whole.excess, 1e-9)) <= REST
    shown = even >= LEAST_OUTSIDE and spilt <= SPILL * even
    if held < EXPLAINED * whole.excess or not (alone or shown):
        return (root,)
    return find_scope(topology, chosen[0], excess) if len(chosen) == 1 else tuple(chosen)


def smallest_holding(topology: Topology, regions: tuple[int, ...]) -> int:
    """The smallest Region that holds all of them.

    >>> tree = Topology(("web",), ("", "US", "US-CA", "US-TX"), (-1, 0, 1, 1), ("UTC",) * 4)
    >>> smallest_holding(tree, (2, 3))
    1
    """
    paths = [topology.path(region) for region in regions]
    return next(node for node in paths[0] if all(node in path for path in paths))
