"""How surprising counts are: the windowed negative-binomial likelihood ratio (pure arrays)."""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

TINY: Final = 1e-9
NEWTON_STEPS: Final = 5


def log_ratio(observed: Floats, expected: Floats, variance: Floats) -> Floats:
    """Log likelihood ratio of the best-fitting rate over the expected one, in nats.

    The generalised likelihood ratio for negative-binomial counts of Hoehle & Paul (2008,
    Computational Statistics & Data Analysis 52:4357): with X observed, M expected and
    s = 1 / variance, X ln[X (s + M) / (M (s + X))] + s ln[(s + M) / (s + X)].

    Args:
        observed: Reports in a window.
        expected: Reports expected there, above 0.
        variance: relative variance of the rate (1), above 0; Poisson is the limit 0.

    >>> float(log_ratio(np.array([20.0]), np.array([5.0]), np.array([0.1])).round(2)[0])
    6.93
    """
    size = 1.0 / np.maximum(variance, TINY)
    mean = np.maximum(expected, TINY)
    count = np.maximum(observed, TINY)
    shrink = np.log((size + mean) / (size + count))
    return np.asarray(count * (np.log(count / mean) + shrink) + size * shrink)


def score(
    observed: Floats, expected: Floats, variance: Floats, least_ratio: Floats | float
) -> Floats:
    """Score z: the root of twice the log likelihood ratio, 0 below `least_ratio` x expected.

    >>> counts, usual = np.array([3.0, 20.0]), np.array([2.0, 5.0])
    >>> score(counts, usual, np.full(2, 0.1), 2.0).round(2).tolist()
    [0.0, 3.72]
    """
    ratio = log_ratio(observed, expected, variance)
    return np.where(observed >= least_ratio * expected, np.sqrt(2.0 * np.maximum(ratio, 0.0)), 0.0)


def heavy_score(
    observed: Floats, expected: Floats, variance: Floats, least_ratio: Floats | float
) -> Floats:
    """The same where the rate is log-normal about the expected one: its tail is heavier.

    For counts above the expected ones. Half of z squared is the least, over all deviations
    u = ln(rate / expected), of X ln(X / M) - X u - X + M e^u + u^2 / (2 variance), with X observed
    and M expected: what the Poisson law asks for at that rate, and the normal law for that u
    (Laplace's approximation of the Poisson-log-normal law of Aitchison & Ho 1989, Biometrika
    76:643).

    >>> counts, usual = np.array([20.0, 200.0]), np.array([5.0, 50.0])
    >>> heavy_score(counts, usual, np.full(2, 0.1), 2.0).round(2).tolist()
    [3.47, 4.28]
    """
    spread = np.maximum(variance, TINY)
    mean, count = np.maximum(expected, TINY), np.maximum(observed, TINY)
    most = np.log(np.maximum(count / mean, 1.0))
    u = most * spread * count / (1.0 + spread * count)
    for _ in range(NEWTON_STEPS):
        rate = mean * np.exp(u)
        u = np.clip(u + (count - rate - u / spread) / (rate + 1.0 / spread), 0.0, most)
    ratio = count * (np.log(count / mean) - u - 1.0) + mean * np.exp(u) + u**2 / (2.0 * spread)
    return np.where(observed >= least_ratio * expected, np.sqrt(2.0 * np.maximum(ratio, 0.0)), 0.0)


def usual_band(expected: Floats, variance: Floats) -> tuple[Floats, Floats]:
    """Edges between which 95 % of counts lie, in Reports.

    A gamma-mixed Poisson count has variance M + variance x M^2; its skew is met by taking the
    normal band on the scale of square roots (variance-stabilising, Anscombe 1948).

    >>> low, high = usual_band(np.array([9.0]), np.array([0.05]))
    >>> float(low.round(1)[0]), float(high.round(1)[0])
    (3.3, 17.4)
    """
    spread = 0.98 * np.sqrt((expected + variance * expected**2 + 0.25) / (expected + 0.25))
    root = np.sqrt(expected)
    return np.square(np.maximum(root - spread, 0.0)), np.square(root + spread)
