"""A day of Reports as a drawing the height of a line of text. Pure."""

from collections.abc import Sequence

STEP = 4
BAR = 3
HEIGHT = 24
# Below this many Reports an hour, bars stay low: two reports are no mountain.
LEAST_TOP = 8


def spark(counts: Sequence[int]) -> str:
    """An SVG of bars, oldest first, the last one marked; for eyes only, words stand beside it.

    >>> spark([0, 8])[:64]
    '<svg class="spark" viewBox="0 0 8 24" preserveAspectRatio="none"'
    >>> spark([0, 8]).count("V0"), spark([0, 4]).count("V12")
    (1, 1)
    """
    top = max(LEAST_TOP, *counts)
    bars = [_bar(at, count, top) for at, count in enumerate(counts)]
    return (
        f'<svg class="spark" viewBox="0 0 {len(counts) * STEP} {HEIGHT}"'
        ' preserveAspectRatio="none" aria-hidden="true">'
        f'<path d="{"".join(bars[:-1])}"/><path class="last" d="{bars[-1]}"/></svg>'
    )


def _bar(at: int, count: int, top: int) -> str:
    if not count:
        return ""
    left = at * STEP
    height = max(1, round(HEIGHT * count / top))
    return f"M{left} {HEIGHT}V{HEIGHT - height}h{BAR}V{HEIGHT}z"
