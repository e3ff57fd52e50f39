"""Score what a replay wrote: ``python -m benchmarks.detection.judge WORLD OUTAGES.ndjson``.

WORLD is a directory that ``python -m benchmarks.detection.worlds`` wrote.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.detection.figures import sum_up
from benchmarks.detection.scoring import Record, Score, score
from benchmarks.detection.table import render, report
from benchmarks.detection.truth import read_truth
from benchmarks.detection.worlds.files import iso, to_minute

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def read_records(lines: Iterable[str]) -> list[Record]:
    """Records from replay's NDJSON.

    Raises:
        KeyError: a line lacks a field of the contract.
    """
    return [to_record(json.loads(line)) for line in lines if line.strip()]


def to_record(raw: Mapping[str, Any]) -> Record:
    """One object of replay's output as a `Record`."""
    confirmed, ended = raw["confirmed_at"], raw["ended_at"]
    return Record(
        service=raw["service"],
        detected_at=to_minute(raw["detected_at"]),
        confirmed_at=None if confirmed is None else to_minute(confirmed),
        ended_at=None if ended is None else to_minute(ended),
        regions=tuple(raw["regions"]) or ((raw["region"],) if raw["region"] else ()),
        cause=raw["cause"],
    )


def details(result: Score) -> str:
    """Every miss, early close, split and false outage on a line of its own."""
    rows = [("what", "service", "kind", "at", "minutes", "peak/min", "note")]
    for finding in result.findings:
        o = finding.outage
        notes = {
            "miss": finding.delay is None,
            "early": finding.close is not None and finding.close < 0,
            "split": finding.records > 1,
        }
        for what in (name for name, true in notes.items() if true):
            note = f"oracle {o.oracle}, close {finding.close}, records {finding.records}"
            rows.append(
                (what, o.service, o.kind, iso(o.onset), str(o.end - o.onset), f"{o.peak:.1f}", note)
            )
    for false in result.false:
        r = false.record
        length = "-" if r.ended_at is None else str(r.ended_at - r.detected_at)
        note = "confirmed" if r.confirmed_at is not None else ""
        note = f"{note} {','.join(r.regions)} {r.cause or ''}".strip()
        rows.append(("false", r.service, false.blame, iso(r.detected_at), length, "", note))
    return render(rows)


def main() -> None:
    """Print the tables; with ``--details`` every fault as well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("world", type=Path)
    parser.add_argument("outages", type=Path)
    parser.add_argument("--details", action="store_true", help="list every fault")
    options = parser.parse_args()
    with options.outages.open(encoding="utf-8") as lines:
        result = score(read_truth(options.world / "truth.json"), read_records(lines))
    print(report([sum_up(options.outages.stem, [result])]))
    if options.details:
        print(f"\n{details(result)}")


if __name__ == "__main__":
    main()
