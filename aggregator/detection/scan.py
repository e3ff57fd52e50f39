"""Which series stand out this minute: the windowed scan over all of them."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from aggregator.detection.baseline import Baseline
from aggregator.detection.bursts import BURST_AGE
from aggregator.detection.params import Parameters
from aggregator.detection.ring import Ring
from aggregator.detection.room import Room
from aggregator.detection.scoring import score
from aggregator.detection.sudden import sudden_scores

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HOUR: Final = 60
QUICK: Final = (5, 21, HOUR)
"""Minutes in which the excess is looked for over all series, before the rest is worked out."""
LEAST_Z: Final = 4.0
"""Score below which no evidence could open an Outage."""
LEAST_BURST, LEAST_BURST_RATIO, LEAST_BURST_SIGMAS = 5.0, 1.5, 4.0
BURST_REST: Final = 0.2
"""Share of a burst that may come before and after it."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Series with an excess that may matter; parallel arrays, one row a series.

    Attributes:
        series: their numbers.
        z: Score, the largest over all windows.
        window: minutes of that window.
        observed: Reports in it.
        expected: expected Reports in it.
        excess: Reports over the expected, the most in any window of an hour or less.
        slow: worldwide series in which a moderate excess has lasted (see `lasting`).
        sudden: worldwide series that jumped above the hour before (see `sudden`).
    """

    series: Ints
    z: Floats
    window: Ints
    observed: Floats
    expected: Floats
    excess: Floats
    slow: npt.NDArray[np.bool_]
    sudden: npt.NDArray[np.bool_]


def _none() -> Findings:
    empty, nothing, no = np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.bool_)
    return Findings(empty, nothing, empty, nothing, nothing, nothing, no, no)


def scan(room: Room) -> Findings:
    """Score every series that has the least excess any rule asks for."""
    ring, baseline, parameters = room.ring, room.baseline, room.parameters
    depth, owners = room.series.depth, room.series.service
    scores, reports = room.factors()
    excess = _hour_excess(ring)
    series = np.flatnonzero(excess >= parameters.least_excess * np.minimum(reports, 1.0)[owners])
    if not len(series):
        return _none()
    windows = np.array(parameters.windows, np.int64)
    observed, expected = ring.windows(windows, series)
    most = most_excess(windows, observed, expected)
    ratios = least_ratios(depth[series], parameters)
    loud = (observed >= ratios * expected).any(axis=0)
    if not loud.any():
        return _none()
    series, most = series[loud], most[loud]
    observed, expected = observed[:, loud], expected[:, loud]
    variance = spread(baseline, series, windows)
    z = score(observed, np.maximum(expected, 1e-6), variance, ratios[loud])
    z = np.maximum(z - parameters.region_z * (depth[series] > 0), 0.0)
    best = z.argmax(axis=0)
    column = np.arange(len(series))
    slow, sudden = np.zeros((2, len(series)), np.bool_)
    worlds = np.flatnonzero(depth[series] == 0)
    if len(worlds):
        some = observed[:, worlds], expected[:, worlds], variance[:, worlds]
        slow[worlds] = lasting(*some, parameters, nervous=scores[owners[series[worlds]]])
        sudden[worlds] = sudden_scores(room, series[worlds]).max(axis=0) >= LEAST_Z
    return Findings(
        series=series,
        z=z[best, column],
        window=windows[best],
        observed=observed[best, column],
        expected=expected[best, column],
        excess=most,
        slow=slow,
        sudden=sudden,
    )


def _hour_excess(ring: Ring) -> Floats:
    """The most Reports over the expected in some windows of an hour or less, by series."""
    return np.asarray(np.max([ring.observed(w) - ring.expected(w) for w in QUICK], axis=0))


def most_excess(windows: Ints, observed: Floats, expected: Floats) -> Floats:
    """The most Reports over the expected in any window of an hour or less, by series."""
    within = windows <= HOUR
    return np.asarray((observed[within] - expected[within]).max(axis=0))


def find_bursts(ring: Ring, baseline: Baseline) -> tuple[Ints, Floats]:
    """Series that burst for a moment some minutes ago (`BURST_AGE`), and by how many Reports.

    At least five Reports over the expected in three minutes, four standard deviations, and half
    as many again; and calm before and since, or it was an outage that began.
    """
    observed, expected = ring.span(BURST_AGE + 2, BURST_AGE - 1)
    excess = observed - expected
    series = np.flatnonzero((excess >= LEAST_BURST) & (observed >= LEAST_BURST_RATIO * expected))
    if not len(series):
        return series, excess[series]
    more, mean = excess[series], expected[series]
    variance = mean + (baseline.slow[series] + baseline.fast[series]) * mean**2
    short = more >= LEAST_BURST_SIGMAS * np.sqrt(variance)
    for first, last in ((BURST_AGE - 1, 0), (4 * BURST_AGE, BURST_AGE + 2)):
        count, usual = (part[series] for part in ring.span(first, last))
        short &= count <= usual + np.maximum(BURST_REST * more, 1.0 + 2.0 * np.sqrt(usual))
    return series[short], more[short]


def least_ratios(depth: Ints, parameters: Parameters) -> Floats:
    """Observed over expected that each series must reach."""
    return np.where(depth > 0, parameters.region_ratio, parameters.least_ratio)


def spread(baseline: Baseline, series: Ints, windows: Ints) -> Floats:
    """Relative variance of the rate over each window: (windows, series).

    slow + fast / minutes + doubt about the Baseline itself.
    """
    fast = baseline.fast[series] / windows[:, None]
    return np.asarray(baseline.slow[series] + fast + baseline.doubt[series])


def lasting(
    observed: Floats,
    expected: Floats,
    variance: Floats,
    parameters: Parameters,
    *,
    nervous: Floats | float = 1.0,
) -> npt.NDArray[np.bool_]:
    """Where a moderate excess has lasted: a slow burn. Arrays are (windows, series).

    In one of the slow windows the rate must surely lie above `slow_ratio` times the usual, by
    `slow_sigmas` of Poisson noise, and the Score must reach what that window asks for, times
    how `nervous` (and how sensitive) each Service is.
    """
    rows = [parameters.windows.index(window) for window, _ in parameters.slow_scores]
    least = nervous * np.array([z for _, z in parameters.slow_scores])[:, None]
    count, mean = observed[rows], np.maximum(expected[rows], 1e-6)
    surely = count - parameters.slow_sigmas * np.sqrt(count) >= parameters.slow_ratio * mean
    return np.asarray((surely & (score(count, mean, variance[rows], 1.0) >= least)).any(axis=0))
