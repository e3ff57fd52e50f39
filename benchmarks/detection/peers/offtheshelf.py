"""A general library beside the rules: river's rolling Gaussian, where it is installed.

``pip install "river~=0.26"`` adds it to the field; without it the field is one peer shorter.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.detection.peers.rules import GATE, Alarms, Peer, Scene, gather
from benchmarks.detection.peers.series import BIN

INSTALLED = find_spec("river") is not None

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DAY_BINS = 96


def rolling_z(bins: NDArray[np.float32], first: int) -> NDArray[np.float64]:
    """Distance of each quarter-hour from the mean of the day before it, in deviations.

    Args:
        bins: reports a quarter-hour of one series.
        first: the first one to judge.
    """
    gaussian, rolling = import_module("river.proba").Gaussian, import_module("river.utils").Rolling
    day = rolling(gaussian, window_size=_DAY_BINS)
    scores = np.zeros(bins.size - first)
    for number, value in enumerate(bins.tolist()):
        if number >= first:
            scores[number - first] = (value - day.mu) / max(day.sigma, 0.5)
        day.update(value)
    return scores


def alarms(scene: Scene) -> Alarms:
    """The library's alarms, on the worldwide series alone (it is slow)."""
    scores = rolling_z(scene.series.bins[0], scene.series.test_bin)
    hot = np.flatnonzero((scene.excess[0, BIN - 1 :: BIN] >= GATE) & (scores > 0))
    return gather([(hot * BIN + BIN - 1, scores[hot])])


LIBRARY = (Peer("river, rolling Gaussian", alarms, 2.5, 60),) if INSTALLED else ()
