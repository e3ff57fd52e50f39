"""What happens to each service of a made world, and when, before a single report is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.detection.truth import DAY, VOLUMES, WEEK, Nuisance, NuisanceKind, OutageKind
from benchmarks.detection.worlds.profiles import PROFILES, length_over

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.detection.worlds.cast import Member, Stage

PAD = 720
"""Quiet minutes kept around what happens to one service, so that each can be scored alone."""

_LOUD = 4
_REGIONAL = (OutageKind.COUNTRY, OutageKind.SUBDIVISION)


@dataclass(frozen=True, slots=True)
class Push:
    """Extra reports: ``rate`` a minute from minute ``start``, over the leaves by ``weights``.

    ``kind`` is set where it is an outage to be found; ``scope`` and ``cause`` as in `Outage`.
    """

    start: int
    rate: NDArray[np.float64]
    weights: NDArray[np.float64]
    kind: OutageKind | None = None
    scope: tuple[str, ...] = ()
    cause: str | None = None

    @property
    def end(self) -> int:
        """The minute from which the excess stays under a tenth of its peak."""
        return self.start + length_over(self.rate)


@dataclass(frozen=True, slots=True)
class Surge:
    """A factor on the usual rate from minute ``start``; the last one lasts if ``forever``."""

    start: int
    factor: NDArray[np.float64]
    forever: bool = False


@dataclass(frozen=True, slots=True)
class Burst:
    """Exactly ``count`` reports in ``minute`` from one ``leaf``."""

    minute: int
    leaf: int
    count: int


@dataclass(slots=True)
class Script:
    """All that happens to one service; minutes count from the start of the stage."""

    member: Member
    pushes: list[Push] = field(default_factory=list)
    surges: list[Surge] = field(default_factory=list)
    bursts: list[Burst] = field(default_factory=list)
    nuisances: list[Nuisance] = field(default_factory=list)
    taken: list[tuple[int, int]] = field(default_factory=list)

    def claim(
        self, length: int, window: tuple[int, int], rng: np.random.Generator, pad: int = PAD
    ) -> int | None:
        """A free start within ``window`` for ``length`` minutes, now taken; None: no room."""
        low, high = window[0] + pad, window[1] - length - pad
        if high <= low:
            return None
        for start in rng.integers(low, high, 200):
            if self.is_free(int(start) - pad, int(start) + length + pad):
                self.taken.append((int(start), int(start) + length))
                return int(start)
        return None

    def is_free(self, start: int, end: int) -> bool:
        """Whether nothing is planned in ``[start, end)``."""
        return all(end <= a or b <= start for a, b in self.taken)

    def blame(self, stage: Stage, kind: NuisanceKind, start: int, end: int) -> None:
        """Note a span in which false outages are due to ``kind``."""
        slug = self.member.truth.slug
        self.nuisances.append(Nuisance(slug, kind, stage.start + start, stage.start + end))


def open_window(stage: Stage, member: Member) -> tuple[int, int]:
    """Minutes in which ``member`` may have labelled outages: a day after it opened, or later."""
    opened = member.truth.opened - stage.start
    return max(stage.history, opened + DAY), stage.length


def draw_push(
    stage: Stage, member: Member, kind: OutageKind, start: int, rng: np.random.Generator
) -> Push:
    """One outage of ``kind`` that begins at ``start``; fewer people awake, fewer reports."""
    active = member.activity(stage, start)
    scope, inside = _scope(stage, member, kind, rng)
    weights = member.shares * np.maximum(active, 0.02) * inside
    awake = min(1.0, 0.4 + 0.6 * float(member.shares @ active))
    peak = _peak(member, kind, float((member.shares * inside).sum()), rng)
    if kind is not OutageKind.STORY:
        peak *= awake
    return Push(start, peak * PROFILES[kind](rng), weights / weights.sum(), kind, scope)


def _scope(
    stage: Stage, member: Member, kind: OutageKind, rng: np.random.Generator
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """The Regions hit and, for each leaf, whether it lies in them."""
    if kind not in _REGIONAL:
        return (), np.ones(len(stage.leaves))
    chosen = stage.leaves[int(rng.choice(len(stage.leaves), p=member.shares))]
    if kind is OutageKind.COUNTRY:
        inside = [float(leaf.country == chosen.country) for leaf in stage.leaves]
        return (chosen.country,), np.array(inside)
    return (chosen.code,), np.array([float(leaf.code == chosen.code) for leaf in stage.leaves])


def _peak(member: Member, kind: OutageKind, share: float, rng: np.random.Generator) -> float:
    """Peak excess in reports a minute at full activity."""
    usual = VOLUMES[member.truth.volume]
    if kind is OutageKind.STORY:
        return float(rng.uniform(340, 420))
    if kind is OutageKind.BURN:
        return usual * float(rng.uniform(1.5, 3.0)) + float(rng.uniform(0.1, 0.3))
    most = 30 if member.truth.volume >= _LOUD else 100
    multiple = float(np.exp(rng.uniform(np.log(3), np.log(most))))
    return usual * share * multiple + float(np.exp(rng.uniform(np.log(0.3), np.log(3))))


DECK = (
    *(OutageKind.STEP,) * 3,
    *(OutageKind.RAMP, OutageKind.BLIP, OutageKind.BURN) * 2,
    OutageKind.COUNTRY,
    OutageKind.SUBDIVISION,
    OutageKind.STORY,
    OutageKind.FLAPPING,
    OutageKind.NINE_HOURS,
)
"""The kinds of outage that happen to a service alone, as often as they are dealt."""

_STORY_VOLUME = 2


def plan_outages(stage: Stage, scripts: list[Script], rng: np.random.Generator) -> None:
    """Four outages a service in thirteen weeks (at least one), dealt from `DECK` in turn.

    The history gets three in eight weeks that nobody labelled: they dirty the baselines.
    """
    weeks = (stage.length - stage.history) // WEEK
    each = max(1, round(4 * weeks / 13))
    deck = rng.permutation(np.resize([str(kind) for kind in DECK], each * len(scripts)))
    for number, script in enumerate(scripts):
        for card in deck[each * number : each * (number + 1)]:
            kind = OutageKind(card)
            if kind is OutageKind.STORY and script.member.truth.volume < _STORY_VOLUME:
                kind = OutageKind.STEP
            _place(stage, script, kind, rng)
        for _ in range(round(3 * stage.history / (8 * WEEK))):
            kind = OutageKind(rng.choice([OutageKind.STEP, OutageKind.BURN, OutageKind.RAMP]))
            start = script.claim(720, (WEEK, stage.history), rng)
            if start is not None and script.member.truth.opened == stage.start:
                push = draw_push(stage, script.member, kind, start, rng)
                script.pushes.append(Push(start, push.rate, push.weights))


def _place(stage: Stage, script: Script, kind: OutageKind, rng: np.random.Generator) -> None:
    length = PROFILES[kind](np.random.default_rng(0)).size + 120
    start = script.claim(length, open_window(stage, script.member), rng)
    if start is not None:
        script.pushes.append(draw_push(stage, script.member, kind, start, rng))
