"""Our detector and the prototype on a reference bench's services.

``python -m benchmarks.detection.reference --bench DIR --seed 1 --services 6``: DIR holds a
``gen.py`` whose ``make(seed, volume class, history weeks, test weeks)`` draws one service with
its truth. All of them together make one platform; it names no dependencies.
"""

from __future__ import annotations

import argparse
import importlib.util
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from aggregator.detection import Parameters
from benchmarks.detection.contest import ORACLE, OURS
from benchmarks.detection.figures import sum_up
from benchmarks.detection.ours import detect
from benchmarks.detection.peers.field import PROTOTYPE, oracle, scenes
from benchmarks.detection.peers.prototype import episodes
from benchmarks.detection.peers.rules import PEERS
from benchmarks.detection.scoring import score
from benchmarks.detection.table import report
from benchmarks.detection.truth import (
    VOLUMES,
    WEEK,
    Nuisance,
    NuisanceKind,
    Outage,
    OutageKind,
    ServiceTruth,
    Truth,
)
from benchmarks.detection.worlds.world import Rows, World, oracle_delay

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ZONE_BY_CODE = {
    "US": "America/Los_Angeles",
    "MX": "America/Mexico_City",
    "CA": "America/Toronto",
    "BS": "America/Nassau",
    "AR": "Etc/GMT+3",
    "GB": "Europe/London",
    "DE": "Europe/Berlin",
    "FR": "Europe/Paris",
    "PK": "Etc/GMT-5",
    "JP": "Asia/Tokyo",
}
"""Places whose clocks stand as the bench's ten regions' do, in its order."""
CLOCKS_CHANGE = int(datetime(2002, 4, 1, tzinfo=UTC).timestamp()) // 60
"""A Monday on which Europe's clocks had just changed; America's followed within that week."""
WEEKS_BEFORE = 6
"""Test weeks before the bench's clocks change."""

KINDS = {
    "step": OutageKind.STEP,
    "ramp": OutageKind.RAMP,
    "short": OutageKind.BLIP,
    "slow": OutageKind.BURN,
    "regional": OutageKind.COUNTRY,
    "story": OutageKind.STORY,
}
NUISANCES = {
    "flash": NuisanceKind.FLASH,
    "spam": NuisanceKind.SPAM,
    "gap": NuisanceKind.GAP,
    "collateral": NuisanceKind.MISATTRIBUTED,
    "viral": NuisanceKind.ECHO,
}
Made = dict[str, Any]


def load(bench: Path) -> Callable[[int, int, int, int], Made]:
    """The generator in a bench's folder.

    Raises:
        FileNotFoundError: the folder holds no ``gen.py``.
    """
    spec = importlib.util.spec_from_file_location("gen", bench / "gen.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(bench / "gen.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    make: Callable[[int, int, int, int], Made] = module.make
    return make


def platform(
    make: Callable[[int, int, int, int], Made], seed: int, each: int, history: int, weeks: int
) -> World:
    """So many services of every volume class as one world, all made from ``seed``."""
    start = CLOCKS_CHANGE - (history + WEEKS_BEFORE) * WEEK
    services: list[ServiceTruth] = []
    outages: list[Outage] = []
    nuisances: list[Nuisance] = []
    rows: list[Rows] = []
    for volume in range(len(VOLUMES)):
        for number in range(each):
            slug = f"service-{volume}-{number}"
            made = make(seed + 1000 * volume + number, volume, history, weeks)
            services.append(ServiceTruth(slug, volume, "gen", "gen", start, None))
            outages += [_outage(made, slug, start, one) for one in made["outs"]]
            nuisances += [
                Nuisance(slug, NUISANCES[kind], start + first, start + last)
                for first, last, kind in made["nuis"]
            ]
            rows.append(_rows(made["counts"][1:]))
    truth = Truth(
        seed=seed,
        start=start,
        test_start=start + history * WEEK,
        end=start + (history + weeks) * WEEK,
        services=tuple(services),
        outages=tuple(outages),
        nuisances=tuple(nuisances),
    )
    return World(truth, ("", *ZONE_BY_CODE), tuple(rows), ZONE_BY_CODE)


def _rows(counts: np.ndarray[Any, Any]) -> Rows:
    minute, region = np.nonzero(counts.T)
    return Rows(
        minute.astype(np.int32), region.astype(np.int16) + np.int16(1), counts[region, minute]
    )


def _outage(made: Mapping[str, Any], slug: str, start: int, one: tuple[Any, ...]) -> Outage:
    first, last, kind, peak, region = one
    row, span = region + 1, slice(first, last)
    seen, base, excess = (made[part][row, span] for part in ("counts", "base", "ex"))
    return Outage(
        service=slug,
        kind=KINDS[kind],
        onset=start + first,
        end=start + last,
        peak=peak,
        scope=(tuple(ZONE_BY_CODE)[region],) if region >= 0 else (),
        cause=None,
        oracle=oracle_delay(seen, base + 1e-6, excess),
    )


def main() -> None:
    """Play one platform and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", type=Path, required=True, help="folder of its gen.py")
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--services", type=int, default=4, help="of each volume class")
    parser.add_argument("--history", type=int, default=8, help="weeks to learn from")
    parser.add_argument("--weeks", type=int, default=13, help="labelled weeks")
    options = parser.parse_args()
    if not (options.bench / "gen.py").is_file():
        parser.error(f"there is no gen.py in {options.bench}")
    world = platform(
        load(options.bench), options.seed, options.services, options.history, options.weeks
    )
    truth, first = world.truth, PEERS[0]
    states = [record for s in scenes(world) for record in episodes(s, first.alarms(s))]
    table = [
        sum_up(ORACLE, [oracle(truth)]),
        sum_up(OURS, [score(truth, detect(world))]),
        sum_up(PROTOTYPE, [score(truth, states)]),
    ]
    print(f"parameters {Parameters().version}\n\n{report(table)}")


if __name__ == "__main__":
    main()
