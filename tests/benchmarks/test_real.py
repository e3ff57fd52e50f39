"""Real counts are read as they are, and scored on five-minute rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks.detection.real import nab_scores, read_windows, read_world
from benchmarks.detection.scoring import Record
from benchmarks.detection.worlds.files import iso

if TYPE_CHECKING:
    from pathlib import Path

FIRST = 29_449_440 + 600


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    """Two days of a report a minute about one company, worldwide."""
    path = tmp_path / "counts.csv"
    rows = "".join(f"{iso(FIRST + k)},acme,,1\n" for k in range(2880))
    path.write_text("minute,service,region,count\n" + rows, encoding="utf-8")
    return path


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    """One window of an hour on the second day."""
    path = tmp_path / "labels.csv"
    window = f"acme,{iso(FIRST + 2000)},{iso(FIRST + 2059)}\n"
    path.write_text("service,window_start,window_end\n" + window, encoding="utf-8")
    return path


def test_world_of_a_file_holds_its_counts(counts: Path) -> None:
    world = read_world(counts)

    assert [service.slug for service in world.truth.services] == ["acme"]
    assert world.truth.start % 1440 == 0
    assert int(world.rows[0].count.sum()) == 2880
    assert world.truth.start + int(world.rows[0].minute[0]) == FIRST


def test_detection_at_the_first_row_of_a_window_earns_all(counts: Path, labels: Path) -> None:
    at_once = [Record("acme", FIRST + 2001, None, None)]

    (scored,) = nab_scores(read_world(counts), at_once, read_windows(labels)).values()

    raw, windows, detections = scored
    assert raw == pytest.approx(1)
    assert (windows, detections) == (1, 1)


def test_no_detection_loses_the_window(counts: Path, labels: Path) -> None:
    assert nab_scores(read_world(counts), [], read_windows(labels)) == {"acme": (-1.0, 1, 0)}
