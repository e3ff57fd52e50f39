"""Made worlds hold what their truth says."""

from __future__ import annotations

import csv
import gzip
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.detection.truth import NuisanceKind, OutageKind, read_truth
from benchmarks.detection.worlds.files import write_world
from benchmarks.detection.worlds.noise import Noise, Temper, clusters, mood
from benchmarks.detection.worlds.places import Leaf, reporting
from benchmarks.detection.worlds.profiles import PROFILES, length_over
from benchmarks.detection.worlds.world import World, make_world

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(seed=3, services=9, history=1, weeks=1)


def test_same_seed_gives_the_same_counts(world: World) -> None:
    again = make_world(seed=3, services=9, history=1, weeks=1)

    assert again.truth == world.truth
    for one, other in zip(world.rows, again.rows, strict=True):
        np.testing.assert_array_equal(one.minute, other.minute)
        np.testing.assert_array_equal(one.region, other.region)
        np.testing.assert_array_equal(one.count, other.count)


def test_other_seed_gives_other_counts(world: World) -> None:
    other = make_world(seed=4, services=9, history=1, weeks=1)

    assert [rows.count.sum() for rows in other.rows] != [rows.count.sum() for rows in world.rows]


def test_outages_happen_in_the_test_weeks_and_stand_apart(world: World) -> None:
    truth = world.truth

    for outage in truth.outages:
        assert truth.test_start < outage.onset < outage.end <= truth.end
    for slug in {outage.service for outage in truth.outages}:
        own = sorted((o for o in truth.outages if o.service == slug), key=lambda o: o.onset)
        assert all(a.end + 60 < b.onset for a, b in pairwise(own))


def test_every_outage_brings_its_excess(world: World) -> None:
    slugs = [service.slug for service in world.truth.services]

    for outage in world.truth.outages:
        if outage.kind is OutageKind.BURN or outage.peak < 1:
            continue
        counts = world.dense(slugs.index(outage.service)).sum(axis=0)
        start = outage.onset - world.truth.start
        length = outage.end - outage.onset
        before = counts[start - 60 : start].mean()
        assert counts[start : start + length].max() > before + outage.peak / 2


def platform(world: World) -> NDArray[np.float64]:
    """All services' reports by minute."""
    each = [np.bincount(r.minute, r.count, world.minutes) for r in world.rows]
    return np.asarray(np.sum(each, axis=0))


def test_a_gap_is_empty_for_every_service(world: World) -> None:
    gaps = [n for n in world.truth.nuisances if n.kind in {NuisanceKind.GAP, NuisanceKind.CATCH_UP}]

    assert {gap.kind for gap in gaps} == {NuisanceKind.GAP, NuisanceKind.CATCH_UP}
    for gap in gaps:
        start = gap.start - world.truth.start
        assert np.all(platform(world)[start : start + 8] == 0)


def test_a_catch_up_brings_the_lost_reports_in_one_minute(world: World) -> None:
    total = platform(world)
    gap = next(n for n in world.truth.nuisances if n.kind is NuisanceKind.CATCH_UP)

    start = gap.start - world.truth.start
    first = start + int(np.flatnonzero(total[start:])[0])

    assert total[first] > 5 * total[start - 60 : start].mean()


def test_days_give_sorted_rows_and_every_report(world: World) -> None:
    seen = 0
    last = (-1, -1, -1)
    for minute, service, region, count in world.days():
        keys = list(zip(minute.tolist(), service.tolist(), region.tolist(), strict=True))
        assert keys == sorted(keys)
        assert keys[0] > last
        last = keys[-1]
        seen += int(count.sum())

    assert seen == sum(int(rows.count.sum()) for rows in world.rows)


@pytest.mark.slow
def test_written_world_is_in_replay_format(world: World, tmp_path: Path) -> None:
    write_world(world, tmp_path)

    with gzip.open(tmp_path / "counts.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == sum(own.count.size for own in world.rows)
    assert list(rows[0]) == ["minute", "service", "region", "count"]
    assert [row["minute"] for row in rows] == sorted(row["minute"] for row in rows)
    assert all(int(row["count"]) >= 1 for row in rows)
    assert read_truth(tmp_path / "truth.json") == world.truth


def test_reporting_keeps_every_report() -> None:
    leaves = (Leaf("US", "UTC", 1), Leaf("US-CA", "UTC", 1), Leaf("FR", "UTC", 1))

    codes, names = reporting(leaves, unknown=0.1, country_only=0.3)

    assert codes == ("", "US", "US-CA", "FR")
    np.testing.assert_allclose(names.sum(axis=0), 1)


@pytest.mark.parametrize("kind", list(OutageKind))
def test_profile_peaks_near_one_and_ends(kind: OutageKind) -> None:
    profile = PROFILES[kind](np.random.default_rng(1))

    assert 0.8 < profile.max() <= 1.15
    assert length_over(profile) < profile.size or profile[-1] >= 0.1 * profile.max()


def test_blip_is_short_and_burn_is_long() -> None:
    rng = np.random.default_rng(2)

    assert length_over(PROFILES[OutageKind.BLIP](rng)) <= 20
    assert 180 <= length_over(PROFILES[OutageKind.BURN](rng)) <= 540


def test_clusters_bring_their_share_of_reports() -> None:
    rate = np.full((3, 96 * 28), 0.5)

    minute, leaf = clusters(rate, 0.2, np.random.default_rng(5))

    assert minute.size == pytest.approx(0.2 * 3 * 0.5 * 15 * 96 * 28, rel=0.1)
    assert set(leaf.tolist()) == {0, 1, 2}


@pytest.mark.parametrize("noise", list(Noise))
def test_mood_keeps_the_mean(noise: Noise) -> None:
    temper = Temper(0.2, 0.15, 0.1, 0.08, 0, 0) if noise is Noise.COX else Temper(*(0,) * 6)

    factor = mood(temper, [0, 0, 1], 96 * 400, np.random.default_rng(6))

    assert factor.shape == (3, 96 * 400)
    assert factor.mean() == pytest.approx(1, abs=0.03)
