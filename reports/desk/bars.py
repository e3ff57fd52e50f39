"""Counts over time as a small drawing. Pure.

The SVG holds shapes only and stretches with the page; numbers are plain text beside it.
"""

from collections.abc import Sequence
from html import escape

HEIGHT = 100
STEP = 10
BAR = 8


def bars(label: str, *series: Sequence[int]) -> str:
    """Bars, oldest first; several series of one length stand on each other, the first below.

    Args:
        label: what it shows and says, for those who don't see it.
        series: counts, one a bar.

    >>> drawn = bars("4", [0, 2], [0, 2])
    >>> drawn.partition(">")[0]
    '<svg class="bars" viewBox="0 0 20 100" preserveAspectRatio="none" role="img" aria-label="4"'
    >>> drawn.partition(">")[2]
    '<path class="bars-1" d="M10 100V50h8V100z"/><path class="bars-2" d="M10 50V0h8V50z"/></svg>'
    """
    sums = [sum(stack) for stack in zip(*series, strict=True)]
    top = max([*sums, 1])
    below = [0] * len(sums)
    paths = []
    for number, counts in enumerate(series, 1):
        path = "".join(
            f"M{at * STEP} {_y(low, top)}V{_y(low + count, top)}h{BAR}V{_y(low, top)}z"
            for at, (low, count) in enumerate(zip(below, counts, strict=True))
            if count
        )
        below = [low + count for low, count in zip(below, counts, strict=True)]
        paths.append(f'<path class="bars-{number}" d="{path}"/>')
    return (
        f'<svg class="bars" viewBox="0 0 {len(sums) * STEP} {HEIGHT}" preserveAspectRatio="none"'
        f' role="img" aria-label="{escape(label)}">{"".join(paths)}</svg>'
    )


def _y(count: int, top: int) -> str:
    return f"{HEIGHT * (1 - count / top):.4g}"
