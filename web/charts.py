"""Reports over time as a drawing: bars, the usual band, spans of Outages, instants. Pure.

The SVG holds shapes only and stretches with the page; axis labels are plain text beside it, so
that they never shrink.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import escape
from itertools import groupby

from web.maps import Caption

WIDTH = 960
HEIGHT = 240
# Steps of a scale, per power of ten.
ROUND = (1, 2, 4, 5, 6, 8, 10)
LOWEST_TOP = 4
BAR = 0.82
# Equal parts of the time axis, unless said otherwise.
TICKS = 4


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket: its Reports, and the ends of the usual band where they are known."""

    start: datetime
    count: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """A span of time to be marked; `end` is None while it lasts."""

    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing and its labels.

    Attributes:
        svg: the drawing, complete.
        levels: numbers beside it, evenly spaced, top to bottom.
        times: instants below it, evenly spaced, left to right.
        peak: the highest bucket; None when there was no Report.
        marks: the instants that are marked in it, oldest first.
    """

    svg: str
    levels: tuple[int, ...]
    times: tuple[datetime, ...]
    peak: Bucket | None
    marks: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Frame:
    """Where things are drawn: time runs right, Reports run up."""

    start: datetime
    end: datetime
    top: int

    def x(self, at: datetime) -> float:
        """Units from the left edge, kept inside the frame."""
        part = (at - self.start) / (self.end - self.start)
        return round(min(max(part, 0.0), 1.0) * WIDTH, 1)

    def y(self, count: float) -> float:
        """Units from the top edge, kept inside the frame."""
        return round(HEIGHT * (1 - min(count / self.top, 1.0)), 1)


def scale_top(highest: float) -> int:
    """The number at the top of a scale whose half is whole.

    >>> [scale_top(n) for n in (0, 3, 4.5, 9, 61, 120, 4100)]
    [4, 4, 6, 10, 80, 200, 5000]
    """
    power = 1
    while True:
        for step in ROUND:
            top = step * power
            if top >= max(highest, LOWEST_TOP) and top % 2 == 0:
                return top
        power *= 10


def draw(
    buckets: Sequence[Bucket],
    periods: Sequence[Period],
    caption: Caption,
    *,
    ticks: int = TICKS,
    marks: Sequence[datetime] = (),
) -> Chart:
    """The chart of at least one bucket, all of one width, oldest first.

    Args:
        buckets: without gaps.
        periods: Outages, in any order, also such that reach beyond the buckets.
        caption: what it shows, in a few words, and what it says, in a sentence or two.
        ticks: equal parts of the time axis.
        marks: instants to mark on the time axis; those beyond the buckets are left out.
    """
    width = buckets[1].start - buckets[0].start if len(buckets) > 1 else timedelta(minutes=15)
    end = buckets[-1].start + width
    highest = max(max(bucket.count, bucket.high or 0) for bucket in buckets)
    frame = Frame(buckets[0].start, end, scale_top(highest))
    peak = max(buckets, key=lambda bucket: bucket.count)
    inside = tuple(at for at in sorted(marks) if frame.start <= at <= frame.end)
    parts = [
        *_periods(frame, periods),
        *_bands(frame, buckets, width),
        _grid(ticks),
        _bars(frame, buckets, width),
        *(_mark(frame, at) for at in inside),
    ]
    return Chart(
        svg=(
            f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none"'
            f' role="img" aria-labelledby="{caption.name}-title {caption.name}-description">'
            f'<title id="{caption.name}-title">{escape(caption.title)}</title>'
            f'<desc id="{caption.name}-description">{escape(caption.description)}</desc>'
            f"{''.join(parts)}</svg>"
        ),
        levels=(frame.top, frame.top // 2, 0),
        times=tuple(frame.start + n * (end - frame.start) / ticks for n in range(ticks + 1)),
        peak=peak if peak.count else None,
        marks=inside,
    )


def _periods(frame: Frame, periods: Sequence[Period]) -> Iterator[str]:
    for period in periods:
        left, right = frame.x(period.start), frame.x(period.end or frame.end)
        if right > left:
            yield (
                f'<rect class="chart-outage" x="{left:g}" y="0"'
                f' width="{right - left:g}" height="{HEIGHT}"/>'
            )


def _bands(frame: Frame, buckets: Sequence[Bucket], width: timedelta) -> Iterator[str]:
    """One outline for each run of buckets whose band is known."""
    for known, run in groupby(buckets, key=lambda bucket: bucket.high is not None):
        if known:
            steps = [(frame.x(one.start), frame.x(one.start + width), one) for one in run]
            upper = [f"{x:g},{frame.y(b.high or 0):g}" for *sides, b in steps for x in sides]
            lower = [f"{x:g},{frame.y(b.low or 0):g}" for *sides, b in steps for x in sides]
            yield f'<polygon class="chart-usual" points="{" ".join([*upper, *reversed(lower)])}"/>'


def _grid(ticks: int) -> str:
    upright = "".join(f"M{WIDTH * n // ticks} 0V{HEIGHT}" for n in range(1, ticks))
    return f'<path class="chart-grid" d="M0 {HEIGHT // 2}H{WIDTH}{upright}"/>'


def _mark(frame: Frame, at: datetime) -> str:
    """A line, and a dot on the axis: a path without length, or stretching would make it an oval."""
    x = f"{frame.x(at):g}"
    return (
        f'<path class="chart-mark" d="M{x} 0V{HEIGHT}"/>'
        f'<path class="chart-dot" d="M{x} {HEIGHT}h0"/>'
    )


def _bars(frame: Frame, buckets: Sequence[Bucket], width: timedelta) -> str:
    gap = (1 - BAR) / 2
    path = "".join(
        f"M{frame.x(one.start + gap * width):g} {HEIGHT}V{frame.y(one.count):g}"
        f"H{frame.x(one.start + (gap + BAR) * width):g}V{HEIGHT}z"
        for one in buckets
        if one.count
    )
    return f'<path class="chart-reports" d="{path}"/>'
