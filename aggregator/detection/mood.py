"""What an hour's Reports tell of the mood they came in (pure arrays).

A Service's rate is its usual one times a mood that lasts for hours: Gamma-distributed about 1 with
relative variance slow + doubt. N Reports in an hour in which E were expected make it (conjugate to
the Poisson law) one of

    mean (a + n N / E) / (a + n) and relative variance 1 / (a + n),

a = 1 / (slow + doubt) and n = 1 / (1 / E + fast / 60 + drift): what the hour's Reports are worth
when single minutes waver and the mood moves on.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

BEFORE: Final = 60
"""Minutes that tell the mood."""
_TINY: Final = 1e-9


def mood(
    reports: Floats, expected: Floats, variance: Floats, fast: Floats, drift: Floats
) -> tuple[Floats, Floats]:
    """Mean and relative variance of the mood, given an hour's Reports.

    Args:
        reports: of the hour, by series.
        expected: Reports expected in it.
        variance: relative variance of moods.
        fast: overdispersion of single minutes.
        drift: relative variance by which a mood moves on within the hour.

    >>> known = np.full(2, 0.1), np.zeros(2), np.full(2, 0.03)
    >>> mood(np.array([30.0, 60.0]), np.full(2, 30.0), *known)[0].round(2).tolist()
    [1.0, 1.61]
    """
    prior = 1.0 / np.maximum(variance, _TINY)
    known = np.maximum(expected, _TINY)
    worth = 1.0 / (1.0 / known + fast / BEFORE + drift)
    return (prior + worth * reports / known) / (prior + worth), 1.0 / (prior + worth)
