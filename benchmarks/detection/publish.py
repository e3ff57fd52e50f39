"""Write the published figures: ``python -m benchmarks.detection.publish --out FILE``.

FILE is what the page `/method/` reads. Every entry of ``worlds`` is one world of one generator
(``first`` or ``second`` hand), ``together`` holds the same figures over all worlds of a hand,
``oracle`` those of a test that knows onset, shape, size and background of each outage, and
``peers`` the peers' on one world, with what each reaches at all its thresholds (``lines``: pairs
of false a service-year and share found). Shares and rates come as value, low and high (95 %);
null is "none". Without ``--peers`` those already in FILE stay. The same arguments and the same
parameters give the same bytes.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.detection import Parameters
from benchmarks.detection.asked import PUBLISHED, ask_for_seeds, made
from benchmarks.detection.contest import ORACLE, OURS, Field, play, standings
from benchmarks.detection.figures import sum_up
from benchmarks.detection.frontier import lines_of
from benchmarks.detection.ours import detect
from benchmarks.detection.peers.field import oracle
from benchmarks.detection.scoring import Score, score
from benchmarks.detection.table import as_json, report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

BUDGET = 0.5
"""False outages a service-year that a peer's threshold may cost."""


def peers_on(seed: int) -> object:
    """All detectors on one world of the first hand, each peer at its best threshold."""
    played = play(seed, PUBLISHED, Field())
    results = {
        name: {threshold: [one] for threshold, one in by_threshold.items()}
        for name, by_threshold in played.items()
    }
    table = standings(results, BUDGET)
    print(f"peers, seed {seed}\n{report(table)}\n", flush=True)
    return {
        "parameters": Parameters().version,
        "hand": "first",
        "seed": seed,
        "budget": BUDGET,
        "rows": [as_json(f) for f in table],
        "lines": [asdict(line) for line in lines_of(results)],
    }


def kept_peers(out: Path) -> object:
    """The peers in a file written before, with the parameters they were played against."""
    return json.loads(out.read_text("utf-8"))["peers"] if out.exists() else None


def rounded(value: object) -> object:
    """``value`` with every float at four decimals, so that a diff shows what changed.

    >>> rounded({"a": [1.23456, None, 2]})
    {'a': [1.2346, None, 2]}
    """
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return round(value, 4) if isinstance(value, float) else value


def main() -> None:
    """Play all worlds asked for and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    ask_for_seeds(parser)
    parser.add_argument("--peers", type=int, help="seed of the first hand to play with all peers")
    options = parser.parse_args()
    entries: list[object] = []
    scores: dict[str, list[Score]] = {}
    for hand, seed in alternating({"first": options.first, "second": options.second}):
        world = made(hand, seed)
        one = score(world.truth, detect(world))
        scores.setdefault(hand, []).append(one)
        entries.append({"hand": hand, "seed": seed, "figures": as_json(sum_up(OURS, [one]))})
        print(f"{hand} hand, seed {seed}\n{report([sum_up(OURS, [one])])}\n", flush=True)
        write(options.out, entries, scores, kept_peers(options.out))
    if options.peers is not None:
        write(options.out, entries, scores, peers_on(options.peers))


def alternating(seeds: Mapping[str, Sequence[int]]) -> Iterator[tuple[str, int]]:
    """(hand, seed), the hands in turn.

    >>> list(alternating({"first": [1, 2], "second": [8]}))
    [('first', 1), ('second', 8), ('first', 2)]
    """
    for place in range(max((len(own) for own in seeds.values()), default=0)):
        for hand, own in seeds.items():
            if place < len(own):
                yield hand, own[place]


def write(
    path: Path, entries: list[object], scores: Mapping[str, list[Score]], peers: object
) -> None:
    """Write what is known so far; a long run that is stopped leaves its finished worlds."""
    document = {
        "parameters": Parameters().version,
        "size": asdict(PUBLISHED),
        "worlds": entries,
        "together": {hand: as_json(sum_up(OURS, own)) for hand, own in scores.items()},
        "oracle": {
            hand: as_json(sum_up(ORACLE, [oracle(one.truth) for one in own]))
            for hand, own in scores.items()
        },
        "peers": peers,
    }
    path.write_text(json.dumps(rounded(document), indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
