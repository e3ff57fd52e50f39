"""What finding costs: ``python -m benchmarks.detection.frontier --out FILE.svg``.

Each peer is a line, a point a threshold: false outages a service-year (logarithmic) across,
outages found up. Ours is a line too where ``--scales`` gives factors on its thresholds.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.detection import Parameters
from benchmarks.detection.contest import ORACLE, OURS, Field, Size, contest
from benchmarks.detection.figures import sum_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.detection.contest import Results

WIDTH, HEIGHT = 760, 460
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 210, 34, 48
_LEAST, _MOST = 0.05, 50.0
_COLOURS = (
    "#0b5cad", "#c2410c", "#15803d", "#7e22ce", "#dc2626",
    "#0f766e", "#a16207", "#be185d", "#4b5563", "#38bdf8", "#84cc16", "#f472b6", "#000000",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One detector's points: (false a service-year, share found), by threshold."""

    name: str
    points: tuple[tuple[float, float], ...]


def lines_of(results: Results) -> list[Line]:
    """The frontier of each detector: of two points the one that finds more for less."""
    lines = []
    for name, by_threshold in results.items():
        figures = [sum_up(name, scores) for scores in by_threshold.values()]
        points = [(f.false.value, f.found.share.value) for f in figures]
        lines.append(Line(name, frontier([p for p in points if p[0] <= _MOST])))
    return lines


def frontier(points: Sequence[tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Those of ``points`` (false, found), in order of false, that none as cheap beats.

    >>> frontier([(0.3, 0.9), (0.1, 0.2), (0.1, 0.5), (0.2, 0.4)])
    ((0.1, 0.5), (0.3, 0.9))
    """
    kept: list[tuple[float, float]] = []
    for point in sorted(points, key=lambda point: (point[0], -point[1])):
        if not kept or point[1] > kept[-1][1]:
            kept.append(point)
    return tuple(kept)


def across(false: float) -> float:
    """The x coordinate of a rate, drawn no further than the edges."""
    share = math.log(min(max(false, _LEAST), _MOST) / _LEAST) / math.log(_MOST / _LEAST)
    return _LEFT + share * (WIDTH - _LEFT - _RIGHT)


def up(found: float) -> float:
    """The y coordinate of a share."""
    return HEIGHT - _BOTTOM - found * (HEIGHT - _TOP - _BOTTOM)


def draw(lines: Sequence[Line], title: str) -> str:
    """The chart as one SVG document."""
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'font-family="system-ui, sans-serif" font-size="12" role="img">'
        ),
        f"<title>{title}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text x="{_LEFT}" y="20" font-weight="600">{title}</text>',
        *_axes(),
    ]
    for number, line in enumerate(lines):
        parts += _draw_line(line, _COLOURS[number % len(_COLOURS)], _TOP + 14 + 22 * number)
    return "\n".join([*parts, "</svg>\n"])


def _axes() -> list[str]:
    parts = []
    for false in (0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 50):
        x = across(false)
        parts.append(
            f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{up(1):.1f}" y2="{up(0):.1f}" stroke="#e5e7eb"/>'
            f'<text x="{x:.1f}" y="{up(0) + 16:.1f}" text-anchor="middle">{false:g}</text>'
        )
    for percent in range(0, 101, 20):
        y = up(percent / 100)
        parts.append(
            f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="#e5e7eb"/><text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">'
            f"{percent} %</text>"
        )
    middle = (_LEFT + WIDTH - _RIGHT) / 2
    parts.append(
        f'<text x="{middle:.0f}" y="{HEIGHT - 10}" text-anchor="middle">'
        "false outages a service-year, all nuisances</text>"
    )
    return parts


def _draw_line(line: Line, colour: str, y: int) -> list[str]:
    """One detector, with its entry in the legend at height ``y``."""
    legend = WIDTH - _RIGHT + 16
    strong = ' font-weight="600"' if line.name == OURS else ""
    parts = [
        f'<circle cx="{legend}" cy="{y - 4}" r="4" fill="{colour}"/>',
        f'<text x="{legend + 10}" y="{y}"{strong}>{line.name}</text>',
    ]
    if line.name == ORACLE:
        at = up(line.points[0][1])
        return [
            *parts,
            (
                f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{at:.1f}" y2="{at:.1f}" '
                f'stroke="{colour}" stroke-dasharray="5 4"/>'
            ),
        ]
    places = [(across(false), up(found)) for false, found in line.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
    radius = 6 if line.name == OURS else 2.5
    parts += [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{colour}"/>' for x, y in places
    ]
    return parts


def main() -> None:
    """Play the worlds and write the chart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102])
    parser.add_argument("--services", type=int, default=Size().services)
    parser.add_argument("--history", type=int, default=Size().history)
    parser.add_argument("--weeks", type=int, default=Size().weeks)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--scales", type=float, nargs="+", default=[1.0])
    options = parser.parse_args()
    size = Size(options.services, options.history, options.weeks)
    field = Field(tuple(options.scales))
    results = contest(options.seeds, size, jobs=options.jobs, field=field)
    title = f"Outages found against false ones (parameters {Parameters().version})"
    options.out.write_text(draw(lines_of(results), title), encoding="utf-8")
    print(f"wrote {options.out}")


if __name__ == "__main__":
    main()
