"""The detector's pure parts, one behaviour each."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.detection.baseline import LOW_RUN, PER_SERIES, Baseline
from aggregator.detection.bursts import DAY, DailyBursts
from aggregator.detection.calm import DAYS, Calm
from aggregator.detection.gaps import CATCH_UP_MINUTES, GapWatch
from aggregator.detection.hierarchy import Excess, find_scope, smallest_holding
from aggregator.detection.packing import pack, unpack
from aggregator.detection.params import Parameters
from aggregator.detection.ring import MINUTES, Ring
from aggregator.detection.scoring import log_ratio, score, usual_band
from aggregator.detection.series import SeriesTable
from aggregator.detection.shapes import ShapeTables
from aggregator.detection.slots import offset_quarters, week_slots
from aggregator.detection.states import (
    ECHO_MINUTES,
    REOPEN_MINUTES,
    Episode,
    echo_bar,
    follow_quiet,
    quiet_evidence,
)
from aggregator.detection.types import State, Topology
from tests.aggregator.detection.crowd import TREE

positive = st.floats(0.01, 1e4)


def episode(**changes: float) -> Episode:
    return Episode(
        0,
        State.POSSIBLE,
        0,
        0,
        (0,),
        0,
        **changes,  # type: ignore[arg-type]  # named in the test
    )


# Scoring


@given(positive, positive, st.floats(0.001, 2.0))
def test_log_ratio_is_never_negative(observed: float, expected: float, variance: float) -> None:
    ratio = log_ratio(np.array([observed]), np.array([expected]), np.array([variance]))[0]
    assert ratio >= -1e-6 * (observed + expected)


@given(positive, st.floats(0.001, 2.0), st.floats(1.01, 50.0))
def test_log_ratio_grows_with_the_excess(expected: float, variance: float, ratio: float) -> None:
    counts = np.array([ratio * expected, 1.1 * ratio * expected])
    low, high = log_ratio(counts, np.full(2, expected), np.full(2, variance))
    assert high > low


def test_log_ratio_nears_poisson_as_variance_goes() -> None:
    got = log_ratio(np.array([20.0]), np.array([5.0]), np.array([1e-9]))[0]
    assert got == pytest.approx(20 * math.log(4) - 15, abs=1e-3)


def test_score_falls_with_variance() -> None:
    z = score(np.full(2, 50.0), np.full(2, 10.0), np.array([0.01, 0.2]), 2.0)
    assert z[0] > z[1] > 0


def test_score_is_zero_below_the_least_ratio() -> None:
    assert score(np.array([199.0]), np.array([100.0]), np.array([0.001]), 2.0)[0] == 0


@given(st.floats(0.0, 1e4), st.floats(0.0, 1.0))
def test_band_holds_the_expected(expected: float, variance: float) -> None:
    low, high = usual_band(np.array([expected]), np.array([variance]))
    assert 0 <= low[0] <= expected <= high[0]


def test_band_holds_95_percent_of_mixed_counts() -> None:
    random = np.random.default_rng(1)
    rates = random.gamma(10.0, 30.0 / 10.0, 100_000)
    counts = random.poisson(rates)
    low, high = usual_band(np.array([30.0]), np.array([0.1]))
    inside = ((counts >= low[0]) & (counts <= high[0])).mean()
    assert 0.93 < inside < 0.97


# Series


def test_reports_add_up_to_every_ancestor() -> None:
    series = SeriesTable(TREE)
    total = series.add_up(np.array([0, 0, 0]), np.array([2, 1, 0]), np.array([5, 3, 1]))
    number = [series.number(0, region) for region in (0, 1, 2)]
    assert None not in number
    assert [total[n] for n in number if n is not None] == [9, 8, 5]


def test_repeated_rows_add_up() -> None:
    series = SeriesTable(TREE)
    total = series.add_up(np.array([1, 1]), np.array([3, 3]), np.array([2, 2]))
    assert total.sum() == 8


@given(
    st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 3), st.integers(1, 50)), min_size=1, max_size=40
    )
)
def test_worlds_hold_every_report_in_any_order(rows: list[tuple[int, int, int]]) -> None:
    series = SeriesTable(TREE)
    for row in rows:
        series.add_up(*(np.array([value]) for value in row))
    total = series.add_up(*np.array(rows, np.int64).T)
    for service in {row[0] for row in rows}:
        world = series.number(service, 0)
        assert world is not None
        assert total[world] == sum(n for at, _, n in rows if at == service)


# Ring


def test_ring_sums_windows_past_its_length() -> None:
    ring = Ring()
    ring.resize(2)
    for minute in range(3 * MINUTES):
        ring.push(minute, np.array([0.0, 2.0]), np.array([0.0, 0.5]))
        if minute % 15 == 14:
            ring.rebase()
    assert ring.observed(120)[1] == 240
    assert ring.expected(60)[1] == pytest.approx(30, rel=1e-5)


def test_left_out_minutes_leave_both_sums() -> None:
    ring = Ring()
    ring.resize(2)
    for minute in range(100):
        ring.push(minute, np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    ring.leave_out(80, 89)
    assert ring.observed(30)[1] == 20
    assert ring.expected(30)[1] == pytest.approx(20)
    assert ring.observed(5)[1] == 5


# Slots and shapes


def test_summer_time_moves_local_slots() -> None:
    winter, summer = 1_704_067_200 // 900, 1_719_792_000 // 900
    assert offset_quarters("Europe/Berlin", winter) == 4
    assert offset_quarters("Europe/Berlin", summer) == 8


def test_week_starts_on_monday() -> None:
    monday = 1_704_067_200 // 900  # 2024-01-01
    assert week_slots(np.array([0]), monday)[0] == 0


def test_shape_learns_the_slot_it_is_told() -> None:
    tables = ShapeTables()
    row = tables.add(1)
    slots = np.array([100])
    before, _ = tables.at(row, slots, np.ones(1))
    for _ in range(8):
        tables.learn(row, slots, np.array([60.0]), np.array([20.0]))
    after, evidence = tables.at(row, slots, np.ones(1))
    assert before[0] == pytest.approx(1.0)
    assert after[0] == pytest.approx(3.0, rel=0.1)
    assert evidence[0] > 100


# Scope


def test_even_spread_is_worldwide() -> None:
    excess = {0: Excess(90, 30), 1: Excess(60, 20), 2: Excess(40, 12), 3: Excess(30, 10)}
    assert find_scope(TREE, 0, excess) == (0,)


def test_excess_of_one_subdivision_is_its_own() -> None:
    excess = {0: Excess(50, 30), 1: Excess(49, 20), 2: Excess(48, 10), 3: Excess(1, 10)}
    assert find_scope(TREE, 0, excess) == (2,)


def test_few_reports_claim_no_region() -> None:
    excess = {0: Excess(4, 3), 1: Excess(4, 2), 3: Excess(0, 1)}
    assert find_scope(TREE, 0, excess) == (0,)


def test_smallest_region_holding_far_ones_is_the_world() -> None:
    assert TREE.regions[smallest_holding(TREE, (2, 3))] == ""


# States


@given(st.lists(st.floats(-50.0, 50.0), max_size=200))
def test_quiet_evidence_leaves_no_debt(evidence: list[float]) -> None:
    one = episode()
    for nats in evidence:
        follow_quiet(one, nats, 6.0)
        assert one.quiet >= 0.0


@given(st.floats(0.5, 500.0), st.floats(0.0, 100.0), st.floats(0.0, 0.5))
def test_outage_at_its_peak_never_looks_over(peak: float, usual: float, spread: float) -> None:
    assert quiet_evidence(usual + peak, usual, peak, spread) < 0.0


@given(st.floats(0.5, 500.0), st.floats(0.0, 100.0), st.floats(0.0, 0.5))
def test_usual_counts_speak_for_the_end(peak: float, usual: float, spread: float) -> None:
    assert quiet_evidence(usual, usual, peak, spread) > 0.0


def test_one_silent_minute_does_not_end_an_outage() -> None:
    assert not follow_quiet(episode(), 1000.0, 6.0)


def test_echo_bar_falls_after_three_hours() -> None:
    old = episode(peak_excess=100.0, closed=1000)
    assert echo_bar(old, 1000 + REOPEN_MINUTES, 0.3) == pytest.approx(30.0)
    late = echo_bar(old, 1000 + REOPEN_MINUTES + ECHO_MINUTES, 0.3)
    assert late == pytest.approx(30.0 / math.e)


# Bursts, calm, gaps


def test_burst_is_expected_only_at_its_time_of_day() -> None:
    bursts = DailyBursts()
    bursts.note(4, 500, 30.0)
    assert bursts.due(4, 500 + DAY - 2, 500 + DAY + 2) == 30.0
    assert bursts.due(4, 530 + DAY, 540 + DAY) == 0.0
    assert bursts.due(5, 500 + DAY, 500 + DAY) == 0.0


def test_old_burst_is_forgotten() -> None:
    bursts = DailyBursts()
    bursts.note(4, 500, 30.0)
    assert bursts.due(4, 500 + 10 * DAY, 500 + 10 * DAY) == 0.0


def test_nervous_service_needs_a_higher_score() -> None:
    calm = Calm()
    calm.grow(2)
    for day in range(DAYS + 1):
        calm.turn(day * 1440)
        calm.note(0, 6.9)
        calm.note(1, 3.0)
    assert calm.factor(0) == pytest.approx(1.5)
    assert calm.factor(1) == 1.0


def test_silence_becomes_a_gap_and_guards_what_follows() -> None:
    gaps = GapWatch()
    gaps.grow(2)
    usual, none = np.array([2.0, 2.0]), np.zeros(2)
    missing = [gaps.missing(minute, none, usual, intake=None) for minute in range(10)]
    assert missing == [False] * 2 + [True] * 8
    assert gaps.missing(10, np.array([20.0, 20.0]), usual, intake=None)
    late = [gaps.missing(11 + k, usual, usual, intake=None) for k in range(CATCH_UP_MINUTES)]
    assert not any(late)


def test_one_busy_service_after_a_gap_is_not_distrusted_for_long() -> None:
    gaps = GapWatch()
    gaps.grow(2)
    usual = np.array([2.0, 2.0])
    gaps.missing(0, np.zeros(2), usual, intake=False)
    assert gaps.missing(1, usual, usual, intake=True)
    assert not gaps.missing(2, np.array([80.0, 2.0]), usual, intake=True)


# Parameters, packing, topology


def test_changed_parameters_carry_their_own_version() -> None:
    other = Parameters().changed("site-2", least_ratio=3.0)
    assert (other.version, other.least_ratio) == ("site-2", 3.0)


def test_packed_values_come_back() -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    values, arrays = unpack(pack({"a": [1, "x", None]}, {"b": array, "c": np.zeros((0, 4))}))
    assert values == {"a": [1, "x", None]}
    assert arrays["b"].tolist() == array.tolist()
    assert arrays["c"].shape == (0, 4)


@pytest.mark.parametrize("damaged", [b"", b"something else", pack({}, {})[:-9]])
def test_damaged_bytes_are_refused(damaged: bytes) -> None:
    with pytest.raises(ValueError, match="checkpoint"):
        unpack(damaged)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"services": ("a", "a")}, "slug"),
        ({"regions": ("", "")}, "region code"),
        ({"parents": (-1, -1)}, "root"),
        ({"zones": ("UTC",)}, "length"),
    ],
)
def test_impossible_topology_is_refused(changes: dict[str, tuple[str, ...]], problem: str) -> None:
    right = {"services": ("a",), "regions": ("", "US"), "parents": (-1, 0), "zones": ("UTC", "UTC")}
    with pytest.raises(ValueError, match=problem):
        Topology(**{**right, **changes})  # type: ignore[arg-type]  # wrong on purpose


def test_region_that_is_all_of_its_parent_is_named() -> None:
    excess = {0: Excess(9, 2), 1: Excess(9, 2), 2: Excess(9, 2)}
    assert find_scope(TREE, 0, excess) == (2,)


def test_a_level_falls_only_after_a_day_below() -> None:
    baseline = Baseline(TREE)
    for name, kind in PER_SERIES.items():
        setattr(baseline, name, np.full(1, -1 if name == "table" else 0, kind))
    baseline.level_reports, baseline.level_time = np.array([40_000.0]), np.array([400.0])
    baseline.fast_reports, baseline.fast_time = np.array([3_000.0]), np.array([60.0])

    levels = []
    for _ in range(LOW_RUN):
        baseline._follow_steps()
        levels.append(float(baseline.level_reports[0] / baseline.level_time[0]))

    assert levels[-2] == pytest.approx(100.0)
    assert levels[-1] == pytest.approx(50.0)


def test_first_weekend_is_expected_at_the_hours_of_working_days() -> None:
    shapes = ShapeTables()
    row = shapes.add(1)
    monday, saturday = np.array([12]), np.array([5 * 96 + 12])  # 03:00
    unknown = shapes.prior(row, saturday)
    for slot in (monday - 1, monday, monday + 1):
        shapes.learn(row, slot, np.array([300.0]), np.array([100.0]))
    assert unknown == pytest.approx(shapes.platform(saturday))
    assert shapes.prior(row, saturday) > 3 * unknown
