"""What finding costs, as a drawing: share found against false outages. Pure.

The SVG holds shapes only and stretches with the page, as the other charts do; its labels are text
beside it.
"""

import math
from collections.abc import Iterator, Sequence
from html import escape

from web.figures import ORACLE, OURS, Line

WIDTH = 960
HEIGHT = 420
LEAST, MOST = 0.1, 100.0
FALSE_TICKS = (0.1, 1, 10, 100)
FOUND_TICKS = (100, 75, 50, 25, 0)
RIVAL = "Downdetector"


def across(false: float) -> float:
    """Units from the left edge for false outages a service-year, on a scale of powers of ten.

    >>> across(0.1), across(1), across(1000)
    (0.0, 320.0, 960.0)
    """
    inside = min(max(false, LEAST), MOST)
    return round(WIDTH * math.log(inside / LEAST) / math.log(MOST / LEAST), 1)


def up(found: float) -> float:
    """Units from the top edge for a share found.

    >>> up(1.0), up(0.0)
    (0.0, 420.0)
    """
    return round(HEIGHT * (1 - found), 1)


def draw(lines: Sequence[Line], label: str) -> str:
    """The drawing, complete; ours last, so that it lies on top.

    >>> draw([Line(OURS, [(1.0, 0.5)])], "Found").count('class="frontier-ours ')
    1
    """
    ordered = sorted(lines, key=lambda line: (line.name == OURS, line.name.startswith(RIVAL)))
    shapes = "".join([*_grid(), *(_shape(line) for line in ordered if line.points)])
    return (
        f'<svg class="frontier" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none"'
        f' role="img" aria-label="{escape(label)}">{shapes}</svg>'
    )


def _grid() -> Iterator[str]:
    for false in FALSE_TICKS:
        yield f'<path class="chart-grid" d="M{across(false)} 0V{HEIGHT}"/>'
    for found in FOUND_TICKS:
        yield f'<path class="chart-grid" d="M0 {up(found / 100)}H{WIDTH}"/>'


def _shape(line: Line) -> str:
    if line.name == ORACLE:
        return f'<path class="frontier-oracle" d="M0 {up(line.points[0][1])}H{WIDTH}"/>'
    places = [f"{across(false)} {up(found)}" for false, found in line.points]
    title = f"<title>{escape(line.name)}</title>"
    if len(places) == 1:
        # A line of no length with round ends is a dot, however the drawing is stretched.
        return f'<path class="{_kind(line)} frontier-dot" d="M{places[0]}h0.01">{title}</path>'
    return f'<path class="{_kind(line)}" d="M{"L".join(places)}">{title}</path>'


def _kind(line: Line) -> str:
    if line.name == OURS:
        return "frontier-ours"
    return "frontier-rival" if line.name.startswith(RIVAL) else "frontier-other"
