"""Which Services fail together, measured from the Outages that were, beside the dependency graph.

Two Services are kin when the Outages of one begin near those of the other more often than chance
explains. It moves no Outage: measured on made worlds it added nothing to what the graph holds back
(`docs/method.md`), so it is told as a fact and no more.
"""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

VERSION: Final = "1"


@dataclass(frozen=True, slots=True)
class KinshipParameters:
    """What makes kin; a change of any default is a new `version`.

    Attributes:
        version: names this set.
        near: minutes before and after an onset in which another is near it.
        least_times: near onsets, fewest.
        least_share: part of all onsets that must have one near.
        most_chance: largest probability of that many by chance, times the Services compared.
    """

    version: str = VERSION
    near: float = 30.0
    least_times: int = 3
    least_share: float = 1 / 3
    most_chance: float = 0.01


PARAMETERS: Final = KinshipParameters()


@dataclass(frozen=True, slots=True)
class Tie:
    """How often the Outages of one Service began near those of another.

    Attributes:
        times: of the one's Outages, how many had an onset of the other near.
        expected: how many would have had by chance.
        lag: median of the other's onset minus the one's, in minutes.
    """

    times: int
    expected: float
    lag: float


def tie(
    lags: Sequence[float], onsets: int, others: int, minutes: float, compared: int
) -> Tie | None:
    """The tie of a Service to another; None when chance explains it or it is too rare.

    Args:
        lags: for each of its onsets that had one of the other near, minutes until that one.
        onsets: all of its onsets.
        others: all of the other's.
        minutes: the time that both were watched.
        compared: how many Services it is compared with.

    >>> tie([2.0, 3.0, -1.0], onsets=4, others=5, minutes=525_600, compared=100)
    Tie(times=3, expected=0.002, lag=2.0)
    >>> tie([2.0, 3.0, -1.0], onsets=40, others=400, minutes=525_600, compared=100)
    """
    wanted = PARAMETERS
    times, part = len(lags), -math.expm1(-others * 2 * wanted.near / minutes)
    if times < max(wanted.least_times, wanted.least_share * onsets):
        return None
    if compared * chance(times, onsets, part) > wanted.most_chance:
        return None
    return Tie(times, round(onsets * part, 3), statistics.median(lags))


def chance(times: int, onsets: int, part: float) -> float:
    """The probability of at least `times` of `onsets` when each has one near with `part`.

    >>> chance(0, 5, 0.1), round(chance(2, 2, 0.1), 4)
    (1.0, 0.01)
    """
    return sum(
        math.comb(onsets, k) * part**k * (1 - part) ** (onsets - k)
        for k in range(times, onsets + 1)
    )
