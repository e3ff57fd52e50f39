"""The life of one Outage: opening, confirming, closing, re-opening, becoming the new usual."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from aggregator.detection.params import Parameters
from aggregator.detection.types import State

ON_SHARE: Final = 0.25
OFF_SHARE: Final = 0.02
"""Closing tests an excess of 25 % of the peak against one of 2 %: the two are equally likely at
9 %, just below the 10 % at which an outage counts as ended (M2)."""
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


LEAST_STEP: Final = 1.3
"""Smallest ratio to the usual that a plateau is worth adopting at."""
STEADY: Final = 24
"""Last blocks that must keep the ratio: six hours (M5)."""
SHAPE_DOUBT: Final = 0.4
"""Share of a Baseline's doubt that is noise from one quarter-hour to another (M2)."""
Block = tuple[float, float]
"""Reports and expected Reports of a quarter-hour."""


@dataclass(frozen=True, slots=True)
class Part:
    """A Region during a long excess.

    Attributes:
        blocks: its quarter-hours, oldest first.
        spread: relative variance of its rate over a block.
        doubt: that part of it which is the Baseline's own.
    """

    blocks: list[Block]
    spread: float = 0.0
    doubt: float = 0.0


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
        explained: largest excess a minute of a dependency, since it was opened or just before.
        cause: Service index of the dependency that may explain it, -1 for none.
        pending: scope seen last, not yet settled.
        pending_since: minute since when.
        blocks: (Reports, expected) by quarter-hours since it opened, in that Region.
        parts: the same as (Region index, Reports, expected) of its parts, where it has any.
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
    explained: float = 0.0
    cause: int = -1
    pending: tuple[int, ...] = ()
    pending_since: int = 0
    blocks: list[tuple[float, float]] = field(default_factory=list)
    parts: list[list[tuple[int, float, float]]] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether it is closed."""
        return self.state is State.OVER


def quiet_evidence(reports: float, usual: float, peak_excess: float, spread: float) -> float:
    """Log likelihood ratio (nats) of one minute for "gone" over "going on".

    Poisson with the variance inflated by 1 + 3 x spread x mean rate (quasi-likelihood; the
    factor 3 because a crowd's minutes go together, M2).

    >>> quiet_evidence(0, 0.1, 5.0, 0.0) > 0.5, quiet_evidence(5, 0.1, 5.0, 0.0) < -1
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
        steady: whether of the last six hours each keeps their ratio within 35 % and its counting
            noise. Older ones don't matter: in a day some hour of any mood is far off.
        rushed: whether it began with a rush.
        nats: log likelihood ratio for "the usual times a factor" over "the usual plus a crowd".
    """

    ratio: float
    usual: float
    steady: bool
    rushed: bool
    nats: float


def judge_plateau(whole: Part, parts: Sequence[Part] = ()) -> Plateau:
    """Tell a new usual from a long outage.

    A Service that has grown for good has its usual day, multiplied; a crowd that meets an outage
    comes on top of the usual day and does not follow it. Both are fitted and compared by
    quasi-Poisson likelihood, the variance inflated by 1 + spread x Reports a block. Where its
    parts are known, each is compared by its own clock: some go to bed while others get up, which
    tells more than their sum.

    >>> day = [20.0, 30.0, 40.0, 50.0, 60.0, 50.0, 40.0, 30.0] * 3
    >>> grown = judge_plateau(Part([(3 * m, m) for m in day], 0.02))
    >>> crowd = judge_plateau(Part([(80 + m, m) for m in day], 0.02))
    >>> grown.steady, grown.nats > 3, crowd.nats < -3
    (True, True, True)
    """
    blocks = whole.blocks
    reports, usual = sum(x for x, _ in blocks), sum(m for _, m in blocks)
    if usual <= 0.0 or reports <= usual:
        return Plateau(1.0, 0.0, steady=False, rushed=False, nats=0.0)
    ratio = reports / usual
    nats = sum(_grown_over_crowd(part) for part in (parts or (whole,)))
    rushed, steady = _has_rushed(blocks), _is_steady(blocks[-STEADY:])
    return Plateau(ratio, usual / len(blocks), steady, rushed, nats)


def _grown_over_crowd(part: Part) -> float:
    """Nats for "multiplied" over "added to" in one place.

    A noisy Baseline makes the multiplied day fit worse than the sum, in the mean by
    x v / 2 (1 - (m / crowd)^2) nats (second order of the likelihood), v being the relative
    variance of its shape; that is given back.
    """
    reports, usual = sum(x for x, _ in part.blocks), sum(m for _, m in part.blocks)
    ratio = max(reports, 0.5) / max(usual, 0.5)
    extra = max(reports - usual, 0.0) / len(part.blocks)
    nats = 0.0
    for x, m in part.blocks:
        mean = max(m, 1e-6)
        grown, crowd = ratio * mean, mean + extra
        fit = x * math.log(grown / crowd) - (grown - crowd)
        fit += 0.5 * SHAPE_DOUBT * part.doubt * x * (1.0 - (mean / crowd) ** 2)
        nats += fit / (1.0 + part.spread * 0.5 * (grown + crowd))
    return nats


def is_new_usual(plateau: Plateau, length: int, parameters: Parameters) -> bool:
    """Whether an Outage of `length` minutes, `plateau_minutes` at least, is the new usual."""
    if not plateau.steady or plateau.ratio < LEAST_STEP:
        return False
    if plateau.nats >= parameters.grown_nats and plateau.ratio <= parameters.grown_ratio:
        return True
    if plateau.rushed or plateau.ratio > parameters.plateau_ratio:
        return False
    if plateau.nats >= parameters.plateau_nats:
        return True
    if length >= parameters.doubtful_until or plateau.ratio > parameters.doubtful_ratio:
        return False
    is_busy = plateau.usual >= parameters.doubtful_usual
    return plateau.nats >= (-parameters.doubtful_nats if is_busy else 0.0)


def by_part(parts: list[list[tuple[int, float, float]]]) -> dict[int, list[Block]]:
    """The blocks of each part that has been there from the first block on, by Region index.

    >>> by_part([[(1, 5.0, 2.0)], [(1, 6.0, 2.0), (4, 1.0, 0.0)]])
    {1: [(5.0, 2.0), (6.0, 2.0)]}
    """
    first = [region for region, _, _ in parts[0]] if parts else []
    rows = [{region: (x, m) for region, x, m in block} for block in parts]
    return {region: [row.get(region, (0.0, 0.0)) for row in rows] for region in first}


def _ratio(blocks: list[tuple[float, float]]) -> float:
    return sum(x for x, _ in blocks) / max(sum(m for _, m in blocks), 1e-9)


def _has_rushed(blocks: list[Block]) -> bool:
    head, tail = blocks[:4], blocks[-8:]
    noise = 2.0 / math.sqrt(max(sum(m for _, m in head), 1.0))
    return _ratio(head) > RUSH * _ratio(tail) + noise


def _is_steady(blocks: list[Block]) -> bool:
    ratio = _ratio(blocks)
    hours = [blocks[i : i + 4] for i in range(len(blocks) % 4, len(blocks), 4)]
    sums = [(sum(x for x, _ in hour), sum(m for _, m in hour)) for hour in hours]
    return all(
        abs(math.log(max(x, 0.5) / (ratio * m))) <= 0.3 + 2.0 / math.sqrt(max(ratio * m, 1.0))
        for x, m in sums
        if m > 0.0
    )
