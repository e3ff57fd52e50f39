"""The worlds that a command line asks for, by hand, seed and size."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from benchmarks.detection.contest import Size
from benchmarks.detection.worlds.second import make_second
from benchmarks.detection.worlds.world import make_world

if TYPE_CHECKING:
    from benchmarks.detection.worlds.world import World


PUBLISHED = Size(services=60, history=4, weeks=5)
"""The size of the worlds whose figures are published."""


def made(hand: str, seed: int, size: Size = PUBLISHED) -> World:
    """A world by the ``first`` or ``second`` hand."""
    make = make_world if hand == "first" else make_second
    return make(seed, size.services, size.history, size.weeks)


def ask_for_seeds(parser: argparse.ArgumentParser) -> None:
    """Let a command line name seeds by hand."""
    parser.add_argument("--first", type=int, nargs="*", default=[], help="seeds of the first hand")
    parser.add_argument("--second", type=int, nargs="*", default=[], help="of the second hand")


def worlds_asked(description: str | None) -> tuple[Size, list[World]]:
    """Read the command line of a program so described, and make its worlds.

    Exits with a message on standard error when the options are wrong or name no world.
    """
    parser = argparse.ArgumentParser(description=description)
    ask_for_seeds(parser)
    parser.add_argument("--services", type=int, default=PUBLISHED.services, help="in each world")
    parser.add_argument(
        "--history", type=int, default=PUBLISHED.history, help="weeks to learn from"
    )
    parser.add_argument("--weeks", type=int, default=PUBLISHED.weeks, help="labelled weeks")
    options = parser.parse_args()
    if not options.first + options.second:
        parser.error("give a seed: --first 1, --second 2 or both")
    size = Size(options.services, options.history, options.weeks)
    seeds = {"first": options.first, "second": options.second}
    return size, [made(hand, seed, size) for hand, own in seeds.items() for seed in own]
