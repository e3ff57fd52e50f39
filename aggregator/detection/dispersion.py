"""How much more than Poisson counts spread, learnt from few Reports or many (pure arrays).

alpha = sum((c - mu)^2 - mu) / Q with Q = sum(mu^2), by quarter-hour (alpha_15) and by minute
(alpha_1). The drift is what is left of a quarter-hour's variance when the hour before it is known.
Few Reports tell little of how they spread: under Poisson counts alpha has the variance
(2 Q + sum(mu)) / Q^2, and sum(mu) <= sqrt(n Q) for n terms (Cauchy-Schwarz). So what was seen and
a prior are weighed by their inverse variances.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

KEPT: Final = 0.9995
"""What a quarter-hour leaves of the memory: about three weeks (M1)."""
QUARTERS: Final = 1.0 / (1.0 - KEPT)
"""Most quarter-hours that the memory holds."""
PRIOR_SLOW, PRIOR_FAST = 0.04, 0.1
"""Prior alpha_15 and alpha_1 (M4)."""
SURE_SLOW, SURE_FAST = 400.0, 44.0
"""How sure the priors are, as inverse variances: services differ by 0.05 and 0.15 (M4)."""
PRIOR_DRIFT, SURE_DRIFT = 0.03, 1000.0
"""Prior drift, and how sure it is: services differ by 0.03 (M6)."""
LEAST_DRIFT, MOST_DRIFT = 0.005, 0.3
LEAST, MOST_SLOW, MOST_FAST = 0.01, 1.0, 2.0


def alpha_15(squares: Floats, weight: Floats) -> Floats:
    """Relative variance of a quarter-hour's rate.

    Args:
        squares: decayed sum of (c - mu)^2 - mu over quarter-hours.
        weight: decayed Q.

    >>> alpha_15(np.array([0.0, 900.0]), np.array([0.0, 10_000.0])).round(3).tolist()
    [0.04, 0.086]
    """
    return np.clip(_shrunk(squares, weight, QUARTERS, PRIOR_SLOW, SURE_SLOW), LEAST, MOST_SLOW)


def alpha_1(squares: Floats, weight: Floats, least: Floats) -> Floats:
    """Relative variance of a minute's rate, `least` (alpha_15) or more; sums over minutes."""
    seen = _shrunk(squares, weight, 15.0 * QUARTERS, PRIOR_FAST, SURE_FAST)
    return np.clip(seen, least, MOST_FAST)


def drift(squares: Floats, weight: Floats) -> Floats:
    """Relative variance by which a mood moves on within an hour.

    Args:
        squares: decayed sum, over quarter-hours, of (c - r)^2 - r less what else is known to vary,
            r being the rate at the mood of the hour before.
        weight: decayed sum of r^2.

    >>> drift(np.array([0.0, 100.0, 1e5]), np.array([0.0, 1e4, 1e5])).round(3).tolist()
    [0.03, 0.014, 0.3]
    """
    seen = _shrunk(squares, weight, QUARTERS, PRIOR_DRIFT, SURE_DRIFT)
    return np.clip(seen, LEAST_DRIFT, MOST_DRIFT)


def remember(learn: npt.NDArray[np.bool_], memory: Floats, new: Floats) -> None:
    """Let a decayed sum fade by a quarter-hour and take what it brought, in place.

    >>> memory = np.array([1000.0, 1000.0])
    >>> remember(np.array([True, False]), memory, np.array([3.0, 3.0]))
    >>> memory.tolist()
    [1002.5, 1000.0]
    """
    memory[learn] = memory[learn] * KEPT + new[learn]


def _shrunk(squares: Floats, weight: Floats, terms: float, prior: float, sure: float) -> Floats:
    known = np.maximum(weight, 1e-9)
    precision = known**2 / (2.0 * known + np.sqrt(terms * known))
    return np.asarray((precision * squares / known + sure * prior) / (precision + sure))
