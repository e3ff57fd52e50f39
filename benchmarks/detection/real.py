"""Real counts nobody here made: ``python -m benchmarks.detection.real COUNTS LABELS``.

COUNTS is a file in replay's format, LABELS a CSV ``service,window_start,window_end``. Our
detector runs over them as it is, and each outage it opens counts as one detection in the
scoring of the Numenta Anomaly Benchmark, on its five-minute rows.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.detection.nab import Window, final_score, raw_score
from benchmarks.detection.ours import detect
from benchmarks.detection.table import render
from benchmarks.detection.truth import DAY, ServiceTruth, Truth
from benchmarks.detection.worlds.files import to_minute
from benchmarks.detection.worlds.world import Rows, World

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.detection.scoring import Record

ROW = 5
"""Minutes in one row of the benchmark's series."""

_ANY_VOLUME = 0


def read_world(path: Path) -> World:
    """The counts of a file (gzipped if its name ends so) as a world without truth.

    Raises:
        KeyError: a column is missing.
    """
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        rows = [
            (r["service"], r["region"], to_minute(r["minute"]), int(r["count"]))
            for r in csv.DictReader(file)
        ]
    start = min(minute for _, _, minute, _ in rows) // DAY * DAY
    end = -(-max(minute for _, _, minute, _ in rows) // DAY) * DAY
    slugs = sorted({slug for slug, _, _, _ in rows})
    codes = ("", *sorted({code for _, code, _, _ in rows} - {""}))
    services = tuple(ServiceTruth(slug, _ANY_VOLUME, "real", "real", start, None) for slug in slugs)
    truth = Truth(0, start, start, end, services, (), ())
    columns = [
        np.array([(m - start, codes.index(c), n) for s, c, m, n in rows if s == slug]).T
        for slug in slugs
    ]
    return World(
        truth,
        codes,
        tuple(
            Rows(minute.astype(np.int32), region.astype(np.int16), count.astype(np.int32))
            for minute, region, count in columns
        ),
    )


def read_windows(path: Path) -> dict[str, list[tuple[int, int]]]:
    """Labelled spans by service: first and last minute since the epoch, in order."""
    spans: dict[str, list[tuple[int, int]]] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            span = to_minute(row["window_start"]), to_minute(row["window_end"])
            spans.setdefault(row["service"], []).append(span)
    return {slug: sorted(own) for slug, own in spans.items()}


def nab_scores(
    world: World, records: Sequence[Record], spans: Mapping[str, Sequence[tuple[int, int]]]
) -> dict[str, tuple[float, int, int]]:
    """By service: the raw score, the number of windows, and the number of detections."""
    scores = {}
    for service, rows in zip(world.truth.services, world.rows, strict=True):
        first = world.truth.start + int(rows.minute[0])
        last = world.truth.start + int(rows.minute[-1])
        windows = [Window((a - first) // ROW, (b - first) // ROW) for a, b in spans[service.slug]]
        own = [(r.detected_at - 1 - first) // ROW for r in records if r.service == service.slug]
        raw = raw_score(own, windows, (last - first) // ROW + 1)
        scores[service.slug] = raw, len(windows), len(own)
    return scores


def main() -> None:
    """Replay the file and print the score of each service and of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("counts", type=Path)
    parser.add_argument("labels", type=Path)
    options = parser.parse_args()
    world = read_world(options.counts)
    scores = nab_scores(world, detect(world), read_windows(options.labels))
    total = tuple(sum(column) for column in zip(*scores.values(), strict=True))
    rows = [("service", "score", "windows", "detections")]
    for slug, (raw, windows, detections) in {**scores, "all": total}.items():
        rows.append((slug, f"{final_score(raw, int(windows)):.1f}", f"{windows}", f"{detections}"))
    print(render(rows))


if __name__ == "__main__":
    main()
