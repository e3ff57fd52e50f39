"""The peers do what their sources say, on series small enough to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.detection.peers import offtheshelf, quarter_hours
from benchmarks.detection.peers.field import FIELD, PROTOTYPE, compete, oracle
from benchmarks.detection.peers.gamma_poisson import learn_baseline
from benchmarks.detection.peers.minutes import Sums, calm, focus, scan
from benchmarks.detection.peers.series import LEAD
from benchmarks.detection.worlds.world import World, make_world

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.detection.scoring import Score


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(seed=8, services=12, history=3, weeks=3)


@pytest.fixture(scope="module")
def scores(world: World) -> dict[str, dict[float, Score]]:
    return compete(world)


def sums(counts: NDArray[np.float64], due: float) -> Sums:
    seen = np.concatenate([[0.0], np.cumsum(counts)])
    quarters = np.full(-(-(counts.size - LEAD) // 15), 0.01, np.float32)
    expected = due * np.arange(counts.size + 1, dtype=np.float64)
    return Sums(seen, expected, quarters, quarters, quarters)


def test_scan_is_silent_on_what_is_expected_and_loud_on_a_step() -> None:
    counts = np.full(LEAD + 60, 2.0)
    counts[LEAD + 30 :] = 20.0

    scores = scan(sums(counts, 2.0), np.arange(60))

    assert np.all(scores[:30] == 0)
    assert scores[45] > 8


def test_dispersion_makes_the_scan_humbler() -> None:
    counts = np.full(LEAD + 60, 2.0)
    counts[LEAD + 30 :] = 8.0
    calm_crowd = sums(counts, 2.0)
    wild = Sums(calm_crowd.seen, calm_crowd.due, *(np.full(4, 0.5, np.float32) for _ in range(3)))
    at = np.array([50])

    assert scan(wild, at)[0] < scan(calm_crowd, at)[0]


def test_focus_is_at_least_the_likelihood_ratio_of_the_true_window() -> None:
    counts = np.full(LEAD + 60, 1.0)
    counts[LEAD + 40 :] = 10.0

    score = focus(sums(counts, 1.0), np.array([50]), scaled=False, least=1.0)[0]

    x, m = 110.0, 11.0
    assert score >= np.sqrt(2 * (x * np.log(x / m) - (x - m))) - 1e-9


def test_calm_needs_fifteen_quiet_minutes() -> None:
    counts = np.full(LEAD + 60, 2.0)
    counts[LEAD + 10 : LEAD + 20] = 30.0

    quiet = calm(sums(counts, 2.0))

    assert not quiet[20]
    assert not quiet[40]
    assert quiet[50]


def test_daily_mean_is_the_mean_of_the_time_of_day() -> None:
    bins = np.tile(np.arange(96, dtype=np.float32), (1, 4))
    bins[0, 96] += 6

    mean = quarter_hours.daily_mean(bins, 3 * 96)

    assert mean[0, 0] == 2
    np.testing.assert_array_equal(mean[0, 1:96], np.arange(1, 96))


@pytest.mark.parametrize(
    "rule",
    [
        quarter_hours.ears_c2,
        quarter_hours.robust_z,
        quarter_hours.farrington,
        quarter_hours.seasonal_esd,
    ],
)
def test_quarter_hour_rules_stand_out_at_the_spike(rule: quarter_hours.Rule) -> None:
    rng = np.random.default_rng(1)
    bins = rng.poisson(10, (1, 96 * 28)).astype(np.float32)
    bins[0, 96 * 21 + 50] = 80

    scores = rule(bins, 96 * 21)

    assert scores.shape == (1, 96 * 7)
    assert scores[0].argmax() == 50
    assert scores[0, 50] > 8


def test_rules_use_only_what_was_before() -> None:
    rng = np.random.default_rng(2)
    bins = rng.poisson(10, (1, 96 * 28)).astype(np.float32)
    later = bins.copy()
    later[0, 96 * 21 + 51 :] = 500

    for rule in (quarter_hours.ears_c2, quarter_hours.robust_z, quarter_hours.farrington):
        before, after = rule(bins, 96 * 21), rule(later, 96 * 21)
        np.testing.assert_array_equal(before[:, :51], after[:, :51])


def test_baseline_learns_the_shape_of_the_day() -> None:
    rng = np.random.default_rng(3)
    day = 20 + 15 * np.sin(np.arange(96) / 96 * 2 * np.pi)
    bins = rng.poisson(np.tile(day, 35)[None]).astype(np.float32)
    slots = (np.arange(96 * 35) % 672)[None]

    baseline = learn_baseline(
        bins, (np.square(bins) / 15).astype(np.float32), slots, np.ones((1, 672)), 96 * 28
    )

    np.testing.assert_allclose(15 * baseline.rate[0].reshape(7, 96).mean(axis=0), day, rtol=0.25)


def test_library_sees_a_spike_against_the_day_before() -> None:
    if not offtheshelf.INSTALLED:
        pytest.skip("river is not installed")
    bins = np.random.default_rng(4).poisson(10, 96 * 3).astype(np.float32)
    bins[96 * 2 + 50] = 90

    assert offtheshelf.rolling_z(bins, 96 * 2).argmax() == 50


@pytest.mark.slow
def test_every_peer_is_more_often_false_at_its_lowest_threshold(
    scores: dict[str, dict[float, Score]],
) -> None:
    assert set(scores) == {PROTOTYPE, *(peer.name for peer in FIELD)}
    for peer in FIELD:
        false = [len(scores[peer.name][h].false) for h in peer.thresholds()]
        assert false[-1] < false[0]


@pytest.mark.slow
def test_prototype_finds_most_of_what_the_oracle_finds(
    world: World, scores: dict[str, dict[float, Score]]
) -> None:
    def found(result: Score) -> int:
        return sum(finding.delay is not None for finding in result.findings)

    assert found(oracle(world.truth)) >= found(scores[PROTOTYPE][1.0])
    assert found(scores[PROTOTYPE][1.0]) >= 0.7 * len(world.truth.outages)
