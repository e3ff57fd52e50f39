"""The life of one Outage: opening, confirming, closing, re-opening, becoming the new usual."""

import math
from dataclasses import dataclass, field
from typing import Final

from aggregator.detection.types import State

ON_SHARE: Final = 0.2
OFF_SHARE: Final = 0.02
"""Closing tests an excess of 20 % of the peak against one of 2 %: the two are equally likely at
8 %, just below the 10 % at which an outage counts as ended (M2)."""
REOPEN_MINUTES: Final = 180
"""A surge that starts within three hours of the close is the same episode."""
ECHO_MINUTES: Final = 120
"""Time constant at which a closed Outage stops raising the bar for the next one."""
BLOCK: Final = 15
"""Minutes summed for the plateau test."""


@dataclass(slots=True)
class Episode:
    """One Outage as the detector knows it; minutes since 1970, Reports.

    Attributes:
        service: Service index.
        state: its state.
        started: first minute, estimated.
        opened: minute looked at when it was (last) opened.
        scope: Region indices.
        region: index of the smallest Region that holds the scope.
        peak_excess: largest excess a minute, averaged over ten, in that Region.
        quiet: evidence that the excess has gone, in nats.
        closed: minute of the last close.
        strong: minutes in a row that would confirm it.
        dips: times the crowd went almost quiet and came back.
        cause: Service index of the dependency that may explain it, -1 for none.
        pending: scope seen last, not yet settled.
        pending_since: minute since when.
        blocks: (Reports, expected) by quarter-hours since it opened, in that Region.
    """

    service: int
    state: State
    started: int
    opened: int
    scope: tuple[int, ...]
    region: int
    peak_excess: float = 0.0
    quiet: float = 0.0
    closed: int = -1
    strong: int = 0
    dips: int = 0
    cause: int = -1
    pending: tuple[int, ...] = ()
    pending_since: int = 0
    blocks: list[tuple[float, float]] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether it is closed."""
        return self.state is State.OVER


def quiet_evidence(reports: float, usual: float, peak_excess: float, spread: float) -> float:
    """Log likelihood ratio (nats) of one minute for "gone" over "going on".

    Poisson with the variance inflated by 1 + 3 x spread x mean rate (quasi-likelihood; the
    factor 3 because a crowd's minutes go together, M2).

    >>> quiet_evidence(0, 0.1, 5.0, 0.0) > 1, quiet_evidence(5, 0.1, 5.0, 0.0) < -1
    (True, True)
    """
    on = usual + ON_SHARE * peak_excess
    off = usual + OFF_SHARE * peak_excess
    inflation = 1.0 + 1.5 * spread * (on + off)
    return ((on - off) - reports * math.log(on / off)) / inflation


def follow_quiet(episode: Episode, evidence: float, enough: float) -> bool:
    """Take a minute's evidence; whether the Outage is over.

    Evidence is a CUSUM: it never falls below 0, so a long outage leaves no debt. An outage that
    nearly closed and came back must show more.
    """
    before = episode.quiet
    episode.quiet = max(0.0, before + evidence)
    if before > 0.5 * enough and episode.quiet == 0.0:
        episode.dips = min(episode.dips + 1, 4)
    return episode.quiet >= enough * (1.0 + 0.25 * episode.dips)


def echo_bar(episode: Episode, minute: int, share: float) -> float:
    """Excess a minute that a new surge must reach after a close, falling with time.

    `share` of the closed Outage's peak within three hours (a viral echo is smaller), then fading.
    """
    late = max(0, minute - episode.closed - REOPEN_MINUTES)
    return share * episode.peak_excess * math.exp(-late / ECHO_MINUTES)


def is_plateau(blocks: list[tuple[float, float]], most: float) -> bool:
    """Whether the rate has kept one moderate ratio to the usual: a new usual, not an outage.

    The last hour, the hour before, and every other hour since must agree with the whole within
    20 % and their own counting noise (two sigmas), and the ratio must lie in 1.3 .. `most`.

    >>> is_plateau([(90.0, 30.0)] * 20, 4.5)
    True
    >>> is_plateau([(90.0 - 3 * i, 30.0) for i in range(20)], 4.5)
    False
    """
    hours = [blocks[i : i + 4] for i in range(len(blocks) % 4, len(blocks), 4)]
    sums = [(sum(x for x, _ in hour), sum(m for _, m in hour)) for hour in hours]
    reports, usual = sum(x for x, _ in sums), sum(m for _, m in sums)
    if usual <= 0.0 or not 1.3 <= reports / usual <= most:
        return False
    ratio = reports / usual
    return all(
        abs(math.log(max(x, 0.5) / (ratio * m))) <= 0.2 + 2.0 / math.sqrt(max(ratio * m, 1.0))
        for x, m in sums
        if m > 0.0
    )
