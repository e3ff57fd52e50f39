"""Services that another bench draws become one world of ours."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from benchmarks.detection.ours import detect
from benchmarks.detection.peers.series import slots_by_region
from benchmarks.detection.reference import WEEKS_BEFORE, ZONE_BY_CODE, load, main, platform
from benchmarks.detection.scoring import score
from benchmarks.detection.truth import WEEK, OutageKind

if TYPE_CHECKING:
    from pathlib import Path

GENERATOR = """
import numpy as np

START = 2 * 10080 + 600

def make(seed, volume, history, weeks):
    rng = np.random.default_rng(seed)
    minutes = (history + weeks) * 10080
    base = np.full((11, minutes), 0.1)
    base[0] = 1.0
    excess = np.zeros((11, minutes))
    excess[3, START:START + 60] = 20.0
    excess[0] = excess[3]
    counts = rng.poisson(base[1:] + excess[1:])
    counts = np.concatenate([counts.sum(0, keepdims=True), counts])
    outs = [(START, START + 60, "regional", 20.0, 2)]
    nuis = [(START + 2000, START + 2100, "flash")]
    return dict(counts=counts, base=base, ex=excess, outs=outs, nuis=nuis)
"""


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """A folder whose generator draws a steady service with one outage in its third region."""
    (tmp_path / "gen.py").write_text(GENERATOR, encoding="utf-8")
    return tmp_path


def test_outage_of_another_bench_is_found_where_its_truth_says(bench: Path) -> None:
    world = platform(load(bench), seed=1, each=1, history=2, weeks=1)

    assert [o.kind for o in world.truth.outages] == [OutageKind.COUNTRY] * 6
    assert {o.scope for o in world.truth.outages} == {(tuple(ZONE_BY_CODE)[2],)}
    assert {o.oracle for o in world.truth.outages} == {1}
    own = score(world.truth, detect(world))
    assert all(
        found.delay is not None and found.delay <= 2 and found.placed for found in own.findings
    )
    assert own.false == ()


def test_clocks_change_in_the_world_when_those_of_the_bench_do(bench: Path) -> None:
    world = platform(load(bench), seed=1, each=1, history=2, weeks=7)

    slots = slots_by_region(world)
    change = (2 + WEEKS_BEFORE) * WEEK // 15
    london = slots["GB"]
    assert (london[0], london[change - 192], london[change]) == (0, 672 - 192, 4)
    assert slots["JP"][change] == slots["JP"][0] == 36


def test_folder_without_a_generator_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["reference", "--seed", "1", "--bench", str(tmp_path)])

    with pytest.raises(SystemExit, match="2"):
        main()

    assert "there is no gen.py in" in capsys.readouterr().err
