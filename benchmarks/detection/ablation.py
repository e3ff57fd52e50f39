"""What each small rule is worth: ``python -m benchmarks.detection.ablation --first 1 --second 2``.

Our detector plays the same worlds with one rule at a time left out, and with all of them.
"""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING
from unittest.mock import patch

from aggregator.detection import Parameters, baseline, calm, dispersion, gaps
from benchmarks.detection.asked import worlds_asked
from benchmarks.detection.contest import OURS
from benchmarks.detection.figures import sum_up
from benchmarks.detection.ours import detect
from benchmarks.detection.scoring import Score, score
from benchmarks.detection.table import report

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from benchmarks.detection.worlds.world import World


def rules_left_out() -> Mapping[str, AbstractContextManager[object]]:
    """By what is left out, a context in which it is."""
    return {
        OURS: nullcontext(),
        "no jump rule": nullcontext(),
        "gate of ten": nullcontext(),
        "no slow burns": nullcontext(),
        "no chatter rule": nullcontext(),
        "no learnt drift": patch.object(dispersion, "SURE_DRIFT", 1e9),
        "no prior of the spread": patch.multiple(dispersion, SURE_SLOW=1e-3, SURE_FAST=1e-3),
        "no catch-up guard": patch.object(gaps, "CATCH_UP_MINUTES", 0),
        "no nervousness": patch.object(calm, "MOST", 1.0),
        "no doubt of the young": patch.object(baseline, "YOUNG_DOUBT", 0.0),
    }


def parameters_without(rule: str) -> Parameters:
    """The parameters, without those of the rule left out."""
    usual = Parameters()
    changed: dict[str, dict[str, object]] = {
        "no jump rule": {"thresholds": replace(usual.thresholds, sudden_z=1e6)},
        "gate of ten": {"thresholds": replace(usual.thresholds, possible_excess=10.0)},
        "no slow burns": {"slow_ratio": 1e6},
        "no chatter rule": {"place_excess": 0.0},
    }
    return usual.changed(rule, **changed[rule]) if rule in changed else usual


def play(worlds: list[World]) -> dict[str, list[Score]]:
    """Scores of every variant, one a world."""
    scores: dict[str, list[Score]] = {}
    for rule, context in rules_left_out().items():
        with context:
            scores[rule] = [score(w.truth, detect(w, parameters_without(rule))) for w in worlds]
        print(report([sum_up(rule, scores[rule])]), flush=True)
    return scores


def main() -> None:
    """Play the worlds asked for and print one table."""
    size, worlds = worlds_asked(__doc__)
    results = play(worlds)
    print(f"\nparameters {Parameters().version}, {size}\n")
    print(report([sum_up(rule, scores) for rule, scores in results.items()]))


if __name__ == "__main__":
    main()
