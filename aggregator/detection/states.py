"""The life of one Outage: opening, confirming, closing, re-opening, becoming the new usual."""

import math
from dataclasses import dataclass, field
from typing import Final

from aggregator.detection.types import State

ON_SHARE: Final = 0.2
OFF_SHARE: Final = 0.02
"""Closing tests an excess of 20 % of the peak against one of 2 %: the two are equally likely at
8 %, just below the 10 % at which an outage counts as ended (M2)."""
QUIET_MINUTES: Final = 8
"""Fewest minutes in which an Outage closes: one minute weighs no more than an eighth of what is
asked for."""
REOPEN_MINUTES: Final = 180
"""A surge that starts within three hours of the close is the same episode."""
ECHO_MINUTES: Final = 120
"""Time constant at which a closed Outage stops raising the bar for the next one."""
RUSH: Final = 1.15
"""First hour over the last two, in ratios to the usual, from which it was a rush: an outage's crowd
comes at once and thins out, a Service that has grown does not."""
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
        peak_excess: largest excess a minute, averaged over five or ten, in its reach.
        quiet: evidence that the excess has gone, in nats.
        closed: minute of the last close.
        since: first minute since it was last opened, estimated.
        reach: index of the smallest Region that held every scope so far; where it must go quiet.
        seen: last minute at which it stood out.
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
    since: int = 0
    seen: int = 0
    reach: int = 0
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
    episode.quiet = max(0.0, before + min(evidence, enough / QUIET_MINUTES))
    if before > 0.5 * enough and episode.quiet == 0.0:
        episode.dips = min(episode.dips + 1, 4)
    return episode.quiet >= enough * (1.0 + 0.25 * episode.dips)


def echo_bar(episode: Episode, minute: int, share: float) -> float:
    """Excess a minute that a new surge must reach after a close, falling with time.

    `share` of the closed Outage's peak within three hours (a viral echo is smaller), then fading.
    """
    late = max(0, minute - episode.closed - REOPEN_MINUTES)
    return share * episode.peak_excess * math.exp(-late / ECHO_MINUTES)


@dataclass(frozen=True, slots=True)
class Plateau:
    """How a long excess behaves.

    Attributes:
        ratio: Reports over the expected.
        usual: expected Reports a quarter-hour.
        flat: whether it began without a rush and every hour keeps that ratio within 35 % and its
            counting noise.
        nats: log likelihood ratio for "the usual times a factor" over "the usual plus a crowd".
    """

    ratio: float
    usual: float
    flat: bool
    nats: float


def judge_plateau(blocks: list[tuple[float, float]], spread: float) -> Plateau:
    """Tell a new usual from a long outage.

    A Service that has grown for good has its usual day, multiplied; a crowd that meets an outage
    comes on top of the usual day and does not follow it. Both are fitted and compared by
    quasi-Poisson likelihood, the variance inflated by 1 + spread x Reports a block.

    Args:
        blocks: (Reports, expected) by quarter-hours, oldest first.
        spread: relative variance of the rate over a block.

    >>> day = [20.0, 30.0, 40.0, 50.0, 60.0, 50.0, 40.0, 30.0] * 3
    >>> grown = judge_plateau([(3 * m, m) for m in day], 0.02)
    >>> crowd = judge_plateau([(80 + m, m) for m in day], 0.02)
    >>> grown.flat, grown.nats > 3, crowd.nats < -3
    (True, True, True)
    """
    reports, usual = sum(x for x, _ in blocks), sum(m for _, m in blocks)
    if usual <= 0.0 or reports <= usual:
        return Plateau(1.0, 0.0, flat=False, nats=0.0)
    ratio, extra = reports / usual, (reports - usual) / len(blocks)
    nats = 0.0
    for x, m in blocks:
        grown, crowd = ratio * max(m, 1e-6), m + extra
        fit = x * math.log(grown / crowd) - (grown - crowd)
        nats += fit / (1.0 + spread * 0.5 * (grown + crowd))
    return Plateau(ratio, usual / len(blocks), _is_flat(blocks, ratio), nats)


def _ratio(blocks: list[tuple[float, float]]) -> float:
    return sum(x for x, _ in blocks) / max(sum(m for _, m in blocks), 1e-9)


def _is_flat(blocks: list[tuple[float, float]], ratio: float) -> bool:
    hours = [blocks[i : i + 4] for i in range(len(blocks) % 4, len(blocks), 4)]
    sums = [(sum(x for x, _ in hour), sum(m for _, m in hour)) for hour in hours]
    head, tail = blocks[:4], blocks[-8:]
    rush = _ratio(head) > RUSH * _ratio(tail) + 2.0 / math.sqrt(max(sum(m for _, m in head), 1.0))
    return not rush and all(
        abs(math.log(max(x, 0.5) / (ratio * m))) <= 0.3 + 2.0 / math.sqrt(max(ratio * m, 1.0))
        for x, m in sums
        if m > 0.0
    )
