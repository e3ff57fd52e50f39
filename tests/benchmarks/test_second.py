"""The second hand's worlds keep what every world promises, and differ from the first's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.detection.truth import NuisanceKind
from benchmarks.detection.worlds.second import make_second

if TYPE_CHECKING:
    from benchmarks.detection.worlds.world import World


@pytest.fixture(scope="module")
def world() -> World:
    return make_second(seed=5, services=16, history=1, weeks=2)


@pytest.mark.slow
def test_same_seed_gives_the_same_counts(world: World) -> None:
    again = make_second(seed=5, services=16, history=1, weeks=2)

    assert again.truth == world.truth
    for one, other in zip(world.rows, again.rows, strict=True):
        np.testing.assert_array_equal(one.count, other.count)


@pytest.mark.slow
def test_outages_stand_apart_and_bring_their_excess(world: World) -> None:
    slugs = [service.slug for service in world.truth.services]

    assert len(world.truth.outages) > 10
    for outage in world.truth.outages:
        own = world.rows[slugs.index(outage.service)]
        inside = (own.minute >= outage.onset - world.truth.start) & (
            own.minute < outage.end - world.truth.start
        )
        assert own.count[inside].sum() > 0
        assert outage.end - outage.onset >= 3


def test_all_gaps_are_empty(world: World) -> None:
    gaps = [n for n in world.truth.nuisances if n.kind in (NuisanceKind.GAP, NuisanceKind.CATCH_UP)]

    assert gaps
    for gap in gaps:
        first, last = gap.start - world.truth.start, gap.end - 120 - world.truth.start
        for rows in world.rows:
            assert not ((rows.minute >= first) & (rows.minute < last)).any()
