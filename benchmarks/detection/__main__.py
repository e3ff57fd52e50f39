"""How well outages are found: ``python -m benchmarks.detection [--json]``."""

from __future__ import annotations

import argparse
import json

from aggregator.detection import Parameters
from benchmarks.detection.contest import Field, Size, contest, standings
from benchmarks.detection.table import as_json, report


def main() -> None:
    """Play the worlds asked for and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102])
    parser.add_argument("--services", type=int, default=Size().services, help="in each world")
    parser.add_argument(
        "--history",
        type=int,
        default=Size().history,
        help="weeks to learn from (0, with --no-peers: a cold start)",
    )
    parser.add_argument("--weeks", type=int, default=Size().weeks, help="labelled weeks")
    parser.add_argument("--jobs", type=int, default=2, help="worlds at a time (1.4 GB each)")
    parser.add_argument("--budget", type=float, default=0.5, help="peers' false a service-year")
    parser.add_argument("--no-peers", dest="peers", action="store_false")
    parser.add_argument("--json", action="store_true", help="last line: one JSON object")
    options = parser.parse_args()
    size = Size(options.services, options.history, options.weeks)
    field = Field(peers=options.peers)
    results = contest(options.seeds, size, jobs=options.jobs, field=field)
    table = standings(results, options.budget)
    version = Parameters().version
    print(f"\nparameters {version}, seeds {options.seeds}, {size}\n\n{report(table)}")
    if options.json:
        figures = {row.name: as_json(row) for row in table}
        print(json.dumps({"parameters": version, "seeds": options.seeds, "figures": figures}))


if __name__ == "__main__":
    main()
