"""What may look like an outage and is none, and outages that hit related services."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.detection.truth import DAY, VOLUMES, WEEK, Nuisance, NuisanceKind, OutageKind
from benchmarks.detection.worlds.habits import Habit
from benchmarks.detection.worlds.plan import PAD, Burst, Push, Script, Surge, draw_push, open_window
from benchmarks.detection.worlds.profiles import echo, length_over, surge

if TYPE_CHECKING:
    from benchmarks.detection.worlds.cast import Stage

_THIRTEEN = 13
_FEW = 0.08


def _times(stage: Stage, number: float, rng: np.random.Generator) -> int:
    """How often in the test weeks what happens ``number`` times in thirteen weeks."""
    return int(rng.poisson(number * (stage.length - stage.history) / (_THIRTEEN * WEEK)))


def plan_nuisances(stage: Stage, scripts: list[Script], rng: np.random.Generator) -> None:
    """Flash events, spam, match nights, cron-like bursts, launches and lasting changes."""
    for script in scripts:
        for _ in range(_times(stage, 1.0, rng)):
            _flash(stage, script, rng)
        for _ in range(_times(stage, 2.0, rng)):
            _spam(stage, script, rng)
        if script.member.truth.habit == Habit.LEISURE:
            _matches(stage, script, rng)
        if rng.random() < _FEW:
            _cron(stage, script, rng)
        _launch(stage, script)
    grown = [s for s in scripts if s.member.truth.opened == stage.start]
    for kind, volume, factor in (
        (NuisanceKind.TRIPLING, 3, 3.0),
        (NuisanceKind.HALVING, 2, 0.5),
    ):
        able = [s for s in grown if s.member.truth.volume == volume]
        if able:
            _lasting(stage, able[int(rng.integers(len(able)))], kind, factor, rng)


def _flash(stage: Stage, script: Script, rng: np.random.Generator) -> None:
    length = int(rng.integers(90, 240))
    start = script.claim(length + 60, open_window(stage, script.member), rng)
    if start is not None:
        script.surges.append(Surge(start, surge(length, 30, float(rng.uniform(1.3, 1.9)))))
        script.blame(stage, NuisanceKind.FLASH, start, start + length + 60)


def _spam(stage: Stage, script: Script, rng: np.random.Generator) -> None:
    """A few sources that dedupe let through, within five minutes, in one place."""
    start = script.claim(90, open_window(stage, script.member), rng)
    if start is not None:
        leaf = int(rng.integers(len(stage.leaves)))
        for _ in range(1 + int(rng.geometric(0.45))):
            script.bursts.append(Burst(start + int(rng.integers(5)), leaf, 1))
        script.blame(stage, NuisanceKind.SPAM, start, start + 90)


def _matches(stage: Stage, script: Script, rng: np.random.Generator) -> None:
    """Evenings of 1.3 to 2 times the usual: every week for one service in three, else once."""
    weekly = rng.random() < 1 / 3
    evening = int(rng.integers(7)) * DAY + int(rng.uniform(17, 20) * 60)
    weeks = range(stage.length // WEEK)
    for week in weeks if weekly else rng.choice(len(weeks), 1):
        start = int(week) * WEEK + evening
        length = int(rng.integers(110, 180))
        if start + length + 60 > stage.length or not script.is_free(start, start + length):
            continue
        factor = float(rng.uniform(1.3, 2.0))
        script.surges.append(Surge(start, surge(length, 15, factor)))
        script.taken.append((start, start + length))
        script.blame(stage, NuisanceKind.MATCH, start, start + length + 60)


def _cron(stage: Stage, script: Script, rng: np.random.Generator) -> None:
    """A few more reports in the same minute of every day, history included."""
    minute = int(rng.integers(DAY))
    usual = 6 + np.sqrt(60 * script.member.rate) * float(rng.uniform(0.5, 1.5))
    leaf = int(rng.choice(len(stage.leaves), p=script.member.shares))
    for start in range(minute, stage.length, DAY):
        if start >= script.member.truth.opened - stage.start and rng.random() > 1 / 20:
            script.bursts.append(Burst(start, leaf, int(rng.poisson(usual))))
            script.blame(stage, NuisanceKind.CRON, start, start + 60)


def _launch(stage: Stage, script: Script) -> None:
    opened = script.member.truth.opened - stage.start
    if opened > 0:
        growth = np.linspace(0.3, 1.0, 3 * DAY)
        script.surges.append(Surge(opened, growth))
        script.blame(stage, NuisanceKind.LAUNCH, opened, opened + 14 * DAY)


def _lasting(
    stage: Stage, script: Script, kind: NuisanceKind, factor: float, rng: np.random.Generator
) -> None:
    """From one hour to the next the service has another size, for good."""
    start = script.claim(3 * DAY, open_window(stage, script.member), rng, pad=60)
    if start is not None:
        script.surges.append(Surge(start, 1 + (factor - 1) * np.linspace(0, 1, 30), forever=True))
        script.blame(stage, kind, start, stage.length)


def plan_relations(stage: Stage, scripts: list[Script], rng: np.random.Generator) -> None:
    """What a parent's outage does to those who depend on it.

    Of its own outages half send some of their reports to the wrong door: 2 to 8 % of them
    reach the child. Then one joint outage with children truly down, and one in which a child
    has a small outage of its own within the parent's big one.
    """
    by_slug = {script.member.truth.slug: script for script in scripts}
    children: dict[str, list[Script]] = {}
    for script in scripts:
        if script.member.truth.depends_on is not None:
            children.setdefault(script.member.truth.depends_on, []).append(script)
    for slug, dependents in children.items():
        parent = by_slug[slug]
        for push in [p for p in parent.pushes if p.kind is not None]:
            for child in dependents:
                if rng.random() < 1 / 2:
                    _misattribute(stage, push, child, rng)
        for kind in (OutageKind.JOINT, OutageKind.NESTED):
            _shared(stage, parent, dependents, kind, rng)


def _misattribute(stage: Stage, push: Push, child: Script, rng: np.random.Generator) -> None:
    share = float(rng.uniform(0.02, 0.08))
    end = push.start + push.rate.size
    opened = child.member.truth.opened - stage.start
    if push.start < opened or not child.is_free(push.start - PAD, end + PAD):
        return
    child.pushes.append(Push(push.start, share * push.rate, push.weights))
    child.taken.append((push.start, end))
    child.blame(stage, NuisanceKind.MISATTRIBUTED, push.start, push.end + 60)


def _shared(
    stage: Stage,
    parent: Script,
    dependents: list[Script],
    kind: OutageKind,
    rng: np.random.Generator,
) -> None:
    """The parent goes down (a big step), and children with it."""
    start = parent.claim(480, open_window(stage, parent.member), rng)
    if start is None:
        return
    big = draw_push(stage, parent.member, OutageKind.JOINT, start, rng)
    if kind is OutageKind.NESTED:
        least = 10.0 * VOLUMES[parent.member.truth.volume]
        big = Push(start, big.rate * max(1.0, least / big.rate.max()), big.weights, big.kind)
    parent.pushes.append(big)
    free = [c for c in dependents if c.is_free(start - PAD, start + 480 + PAD)]
    for child in free[: 1 if kind is OutageKind.NESTED else 3]:
        if start < open_window(stage, child.member)[0]:
            continue
        later = start + int(rng.integers(0, 10))
        own = draw_push(stage, child.member, kind, later, rng)
        rate = own.rate
        if kind is OutageKind.NESTED:
            rate = rate * min(1.0, 0.12 * float(big.rate.max()) / float(rate.max()))
        slug = parent.member.truth.slug
        child.pushes.append(Push(later, rate, own.weights, kind, (), slug))
        child.taken.append((start, start + 480))


def plan_echoes(stage: Stage, scripts: list[Script], rng: np.random.Generator) -> None:
    """Half the sudden outages come back as news, 90 to 180 minutes after they are over."""
    for script in scripts:
        for push in list(script.pushes):
            if push.kind not in (OutageKind.STEP, OutageKind.STORY, OutageKind.NINE_HOURS):
                continue
            start = push.end + int(rng.integers(90, 180))
            if rng.random() < 1 / 2 and start + 180 < stage.length:
                rate = 0.12 * float(push.rate.max()) * echo(rng)
                script.pushes.append(Push(start, rate, push.weights))
                script.blame(stage, NuisanceKind.ECHO, start, start + length_over(rate) + 60)


def plan_gaps(
    stage: Stage, scripts: list[Script], rng: np.random.Generator
) -> tuple[tuple[int, int, int], ...]:
    """Three platform-wide ingest gaps in thirteen weeks: (start, end, minutes of catch-up).

    None begins or ends in the first half hour of an outage or in a blip, which nobody could find.
    """
    starts = [
        (push.start, push.start + (push.rate.size if push.kind is OutageKind.BLIP else 30))
        for script in scripts
        for push in script.pushes
        if push.kind is not None
    ]
    gaps: list[tuple[int, int, int]] = []
    wanted = max(2, round(3 * (stage.length - stage.history) / (_THIRTEEN * WEEK)))
    for start in rng.integers(stage.history + DAY, stage.length - DAY, 2000):
        end = int(start) + int(rng.integers(8, 40))
        apart = all(abs(int(start) - other) > DAY for other, _, _ in gaps)
        if apart and all(end + 5 <= a or b <= start for a, b in starts):
            gaps.append((int(start), end, 1 - len(gaps) % 2))
        if len(gaps) == wanted:
            break
    return tuple(gaps)


def gap_nuisances(stage: Stage, gaps: tuple[tuple[int, int, int], ...]) -> list[Nuisance]:
    """The spans in which a gap, or the minute that makes up for it, is to blame."""
    return [
        Nuisance(
            None,
            NuisanceKind.CATCH_UP if late else NuisanceKind.GAP,
            stage.start + start,
            stage.start + end + 120,
        )
        for start, end, late in gaps
    ]
