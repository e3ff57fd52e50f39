"""What each step of sensitivity is worth: ``python -m benchmarks.detection.steps --first 1``.

Our detector plays the same worlds three times, every Service at `low`, `normal` and `high`.
"""

from __future__ import annotations

from aggregator.detection import Parameters
from aggregator.detection.sensitivity import Sensitivity, parse_site
from benchmarks.detection.asked import worlds_asked
from benchmarks.detection.figures import sum_up
from benchmarks.detection.ours import detect
from benchmarks.detection.scoring import score
from benchmarks.detection.table import report


def main() -> None:
    """Play the worlds asked for and print one table."""
    size, worlds = worlds_asked(__doc__)
    figures = []
    for step in Sensitivity:
        held = parse_site(step)
        figures.append(sum_up(step, [score(w.truth, detect(w, held=held)) for w in worlds]))
        print(report(figures[-1:]), flush=True)
    print(f"\nparameters {Parameters().version}, {size}\n")
    print(report(figures))


if __name__ == "__main__":
    main()
