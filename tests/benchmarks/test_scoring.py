"""The yardstick itself: matching, blaming, intervals, and the tweets' scoring."""

from __future__ import annotations

import json
import math

import pytest

from benchmarks.detection.figures import sum_up
from benchmarks.detection.frontier import Line, draw, frontier
from benchmarks.detection.intervals import rate, share
from benchmarks.detection.judge import details, read_records
from benchmarks.detection.nab import FALSE_WEIGHT, Window, final_score, raw_score
from benchmarks.detection.scoring import Record, score
from benchmarks.detection.table import as_json, report
from benchmarks.detection.truth import (
    DAY,
    Nuisance,
    NuisanceKind,
    Outage,
    OutageKind,
    ServiceTruth,
    Truth,
)

START = 1_000_000
WEB = ServiceTruth("web", 3, "poisson", "steady", START, None)
APP = ServiceTruth("app", 1, "nb", "steady", START, "web")


def outage(onset: int = 2000, length: int = 100) -> Outage:
    return Outage("web", OutageKind.STEP, START + onset, START + onset + length, 10.0, (), None, 3)


def truth(*nuisances: Nuisance, outages: tuple[Outage, ...] = (outage(),)) -> Truth:
    return Truth(1, START, START + 1000, START + 30_000, (WEB, APP), outages, nuisances)


def record(at: int, end: int | None = None, service: str = "web", **more: object) -> Record:
    fields = {"confirmed_at": None, "regions": (), "cause": None, **more}
    return Record(
        service,
        START + at,
        ended_at=None if end is None else START + end,
        **fields,  # type: ignore[arg-type]  # a test's short hand
    )


def test_outage_found_has_delay_and_close() -> None:
    result = score(truth(), [record(2004, 2110)])

    (finding,) = result.findings
    assert (finding.delay, finding.close, finding.records) == (4, 10, 1)
    assert result.false == ()


def test_record_before_the_onset_is_false_and_the_outage_missed() -> None:
    result = score(truth(), [record(1990, 2300)])

    assert result.findings[0].delay is None
    assert [f.blame for f in result.false] == [NuisanceKind.BACKGROUND]


def test_record_after_the_end_neither_finds_nor_is_false() -> None:
    result = score(truth(), [record(2130, 2150)])

    assert result.findings[0].delay is None
    assert result.false == ()


def test_record_closed_early_is_negative_and_the_second_a_split() -> None:
    result = score(truth(), [record(2004, 2040), record(2060, 2120)])

    (finding,) = result.findings
    assert (finding.close, finding.records) == (-60, 2)


def test_records_of_the_history_are_dropped() -> None:
    assert score(truth(), [record(500, 600)]).false == ()


def test_outage_never_closed_has_no_close() -> None:
    assert score(truth(), [record(2004)]).findings[0].close is None


def test_false_record_is_blamed_on_the_gap_before_the_match() -> None:
    gap = Nuisance(None, NuisanceKind.CATCH_UP, START + 5000, START + 5100)
    match = Nuisance("web", NuisanceKind.MATCH, START + 4900, START + 5200)

    result = score(truth(match, gap), [record(5050, 5080), record(5150, 5160)])

    assert [f.blame for f in result.false] == [NuisanceKind.CATCH_UP, NuisanceKind.MATCH]


def test_nuisance_of_another_service_is_not_blamed() -> None:
    match = Nuisance("app", NuisanceKind.MATCH, START + 4900, START + 5200)

    assert score(truth(match), [record(5050)]).false[0].blame is NuisanceKind.BACKGROUND


def test_child_that_names_its_cause_is_held_not_false() -> None:
    wrong_door = Nuisance("app", NuisanceKind.MISATTRIBUTED, START + 2000, START + 2100)

    held = score(truth(wrong_door), [record(2010, 2100, "app", cause="web")])
    alone = score(truth(wrong_door), [record(2010, 2100, "app")])
    confirmed = score(
        truth(wrong_door), [record(2010, 2100, "app", cause="web", confirmed_at=START + 2020)]
    )

    assert (held.children_held, held.children_confirmed, len(held.false)) == (1, 0, 0)
    assert (alone.children_held, alone.children_confirmed, len(alone.false)) == (0, 0, 1)
    assert (confirmed.children_confirmed, len(confirmed.false)) == (1, 1)


def test_tripled_service_may_go_out_once() -> None:
    tripled = Nuisance("web", NuisanceKind.TRIPLING, START + 9000, START + 9000 + 3 * DAY)

    result = score(truth(tripled), [record(9010, 9310), record(9400, 9460)])

    assert result.hours_tripled == (6.0,)
    assert [f.record.detected_at for f in result.false] == [START + 9400]


def test_figures_count_by_volume_kind_and_noise() -> None:
    result = score(truth(), [record(2004, 2110), record(9000, 9100, "app")])

    figures = sum_up("test", [result])

    assert figures.found.share.value == 1
    assert figures.volumes["2"].found.median == 4
    assert figures.volumes["0.1"].false.value == pytest.approx(
        1 / (29_000 / (365.25 * DAY)), rel=1e-6
    )
    assert figures.noises["poisson"].found.outages == 1
    assert figures.kinds["step"].outages == 1
    assert figures.blames["background"] == 1


def test_report_and_details_name_every_fault() -> None:
    result = score(truth(), [record(9000, 9100, "app")])

    text = details(result)

    assert "miss" in text
    assert "false" in text
    assert "test" in report([sum_up("test", [result])])


def test_figures_are_strict_json_even_without_trials() -> None:
    empty = sum_up("nothing", [score(truth(outages=()), [])])

    text = json.dumps(as_json(empty), allow_nan=False)

    assert json.loads(text)["found"]["share"]["value"] is None


def test_replay_lines_are_read_as_records() -> None:
    line = (
        '{"service":"web","region":"US","regions":["US-CA","US-TX"],'
        '"started_at":"1970-01-02T00:00:00Z","detected_at":"1970-01-02T00:05:00Z",'
        '"confirmed_at":null,"ended_at":"1970-01-02T01:00:00Z","peak_count":50,'
        '"expected_at_peak":3.5,"cause":null}'
    )

    assert read_records([line, "\n"]) == [Record("web", 1445, None, 1500, ("US-CA", "US-TX"), None)]


def test_wilson_interval_of_the_textbook() -> None:
    estimate = share(81, 263)  # Newcombe 1998, table I

    assert (round(estimate.low, 4), round(estimate.high, 4)) == (0.2553, 0.3662)


def test_poisson_interval_of_the_textbook() -> None:
    estimate = rate(10, 1.0)  # Garwood 1936

    assert (round(estimate.low, 2), round(estimate.high, 2)) == (4.80, 18.39)


def test_rate_of_nothing_has_the_rule_of_three_and_a_bit() -> None:
    assert rate(0, 1.0).high == pytest.approx(3.689, abs=0.001)
    assert math.isnan(rate(0, 0.0).value)


def test_detecting_nothing_is_zero_and_every_window_at_once_a_hundred() -> None:
    windows = [Window(1000, 1099), Window(3000, 3099)]

    assert final_score(raw_score([], windows, 5000), 2) == 0
    assert final_score(raw_score([1000, 3000], windows, 5000), 2) == pytest.approx(100)


def test_only_the_first_detection_in_a_window_counts() -> None:
    windows = [Window(1000, 1099)]

    assert raw_score([1010, 1050, 1090], windows, 5000) == raw_score([1010], windows, 5000)


def test_false_detection_costs_more_the_further_it_is() -> None:
    windows = [Window(1000, 1099)]

    near, far = (raw_score([1000, row], windows, 5000) - 1 for row in (1110, 4000))

    assert pytest.approx(far) == -FALSE_WEIGHT
    assert far < near < 0


def test_probation_is_not_scored() -> None:
    assert raw_score([10, 20], [Window(1000, 1099)], 5000) == -1


def test_frontier_keeps_what_no_cheaper_threshold_beats() -> None:
    assert frontier([(0.1, 0.5), (0.2, 0.45), (0.4, 0.8)]) == ((0.1, 0.5), (0.4, 0.8))


def test_chart_draws_every_line() -> None:
    svg = draw([Line("oracle", ((0.0, 0.99),)), Line("one", ((0.1, 0.5), (1.0, 0.9)))], "Title")

    assert svg.startswith("<svg")
    assert svg.count("polyline") == 1
    assert "one" in svg
