"""Write a made world to disk: ``python -m benchmarks.detection.worlds --out DIRECTORY``."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.detection.worlds.files import iso, write_world
from benchmarks.detection.worlds.world import make_world


def main() -> None:
    """Make the world asked for, write it and say how to replay it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="directory to write into")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--services", type=int, default=12)
    parser.add_argument("--history", type=int, default=8, help="weeks before the labelled ones")
    parser.add_argument("--weeks", type=int, default=3, help="labelled weeks")
    options = parser.parse_args()
    world = make_world(options.seed, options.services, options.history, options.weeks)
    write_world(world, options.out)
    rows = sum(own.count.size for own in world.rows)
    print(f"{rows:,} rows, {len(world.truth.outages)} labelled outages")
    print(
        f"manage.py replay --counts {options.out}/counts.csv.gz"
        f" --dependencies {options.out}/dependencies.csv"
        f" --from {iso(world.truth.test_start)} --out outages.ndjson"
    )


if __name__ == "__main__":
    main()
