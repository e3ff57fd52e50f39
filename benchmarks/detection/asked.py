"""The worlds that a command line asks for, by hand, seed and size."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from benchmarks.detection.contest import Size
from benchmarks.detection.worlds.second import make_second
from benchmarks.detection.worlds.world import make_world

if TYPE_CHECKING:
    from benchmarks.detection.worlds.world import World


def worlds_asked(description: str | None) -> tuple[Size, list[World]]:
    """Read the command line of a program so described, and make its worlds.

    Exits with a message on standard error when the options are wrong or name no world.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--first", type=int, nargs="*", default=[], help="seeds of the first hand")
    parser.add_argument("--second", type=int, nargs="*", default=[], help="of the second hand")
    parser.add_argument("--services", type=int, default=60, help="in each world")
    parser.add_argument("--history", type=int, default=4, help="weeks to learn from")
    parser.add_argument("--weeks", type=int, default=5, help="labelled weeks")
    options = parser.parse_args()
    if not options.first + options.second:
        parser.error("give a seed: --first 1, --second 2 or both")
    size = Size(options.services, options.history, options.weeks)
    shape = size.services, size.history, size.weeks
    worlds = [make_world(seed, *shape) for seed in options.first]
    return size, worlds + [make_second(seed, *shape) for seed in options.second]
