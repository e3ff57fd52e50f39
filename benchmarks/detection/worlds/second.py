"""Worlds made by other laws than `make_world`'s, so that nobody tunes to one generator.

Volumes are continuous, days are drawn by hand through random knots, rates waver by the minute,
people are late by a gamma law, outages end in five ways, an outage may multiply the usual day
instead of adding to it, flapping pauses are as short as the bouts, unrelated services fail
together, gaps last up to three hours and are caught up over several minutes, a service triples
at any time of day. Places, truth and scoring are the first generator's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.detection.truth import DAY, VOLUMES, WEEK, NuisanceKind, OutageKind
from benchmarks.detection.worlds.cast import Member, Stage, draw_cast, draw_stage
from benchmarks.detection.worlds.noise import Temper
from benchmarks.detection.worlds.nuisances import plan_echoes, plan_nuisances
from benchmarks.detection.worlds.plan import PAD, Burst, Push, Script, Surge, open_window
from benchmarks.detection.worlds.profiles import length_over
from benchmarks.detection.worlds.world import MONDAY, World, render

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KINDS = (
    *(OutageKind.STEP, OutageKind.BURN, OutageKind.BLIP, OutageKind.FLAPPING) * 2,
    OutageKind.RAMP,
    OutageKind.NINE_HOURS,
    OutageKind.COUNTRY,
    OutageKind.SUBDIVISION,
    OutageKind.STORY,
)
_GAPS = 3
_SMALLEST_STORY = 0.5
_LARGEST_CHILD = 2
_TRIPLED = (0.5, 40.0)
_BIG = 5.0
"""Reports a minute: see their uses."""


def make_second(seed: int, services: int = 48, history: int = 5, weeks: int = 6) -> World:
    """The world of ``seed``; arguments as `make_world`'s."""
    rng = np.random.default_rng((seed, 2))
    stage = draw_stage(MONDAY + 2 * WEEK, history, weeks, rng)
    cast = draw_cast(stage, services, rng)
    scripts = [Script(_other(member, rng)) for member in cast]
    _alone(stage, scripts, rng)
    plan_nuisances(stage, scripts, rng)
    _lasting(stage, scripts, rng)
    _together(stage, scripts, rng)
    _strays(stage, scripts, rng)
    _chatter(stage, scripts, rng)
    plan_echoes(stage, scripts, rng)
    return render(seed, stage, scripts, _gaps(stage, scripts, rng))


def _other(member: Member, rng: np.random.Generator) -> Member:
    """The member with a volume, a week and a temper of another kind."""
    rate = float(np.exp(rng.uniform(np.log(0.02), np.log(60))))
    volume = int(np.abs(np.log(np.array(VOLUMES) / rate)).argmin())
    truth = replace(member.truth, volume=volume, noise="jitter", habit="knots")
    if truth.depends_on is not None and volume > _LARGEST_CHILD:
        truth = replace(truth, depends_on=None)
    uneven = float(rng.choice([0.0, 0.08, 0.15, 0.22]))
    temper = Temper(
        slow=float(rng.uniform(0, 0.2)),
        fast=0.0,
        local=float(rng.uniform(0, 0.15)),
        daily=float(rng.uniform(0, 0.12)),
        size=float(rng.choice([0.0, 4.0, 20.0])),
        clustered=float(rng.choice([0.0, 0.0, 0.06])),
        minutely=uneven,
    )
    return replace(member, truth=truth, rate=rate, shape=_knots(rng), temper=temper)


def _knots(rng: np.random.Generator) -> NDArray[np.float64]:
    """A week through knots three hours apart, quiet at night, weekends of another height."""
    night = np.array([0.35, 0.2, 0.25, 0.8, 1.3, 1.3, 1.5, 1.2])
    knots = night * np.exp(rng.normal(0, 0.35, 8))
    hours = np.arange(96) / 4
    day = np.interp(hours, 3 * np.arange(9), np.append(knots, knots[0]))
    rest = np.roll(day, int(rng.integers(0, 8))) * float(rng.uniform(0.4, 1.2))
    week = np.concatenate([day] * 5 + [rest] * 2)
    return np.asarray(week / week.mean())


# Outages


def _crowd(active: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """When people report what is broken as ``active`` says: late by a gamma law."""
    shape, scale = float(rng.uniform(1, 3)), float(rng.uniform(0.8, 2.5))
    minute = np.arange(30) + 0.5
    law = minute ** (shape - 1) * np.exp(-minute / scale)
    return np.convolve(active, law / law.sum())[: active.size]


def _tail(rng: np.random.Generator) -> NDArray[np.float64]:
    """How the crowd thins out: a cliff, a line, an exponential, a power law, two speeds."""
    minute = np.arange(1, 181)
    pace = float(rng.uniform(4, 25))
    ways = (
        np.zeros(5),
        np.maximum(0, 1 - minute / (2.5 * pace)),
        np.exp(-minute / pace),
        (1 + 2 * minute / pace) ** -2.0,
        0.7 * np.exp(-minute / 4) + 0.3 * np.exp(-minute / (15 + pace)),
    )
    return ways[int(rng.integers(len(ways)))]


def _course(kind: OutageKind, rng: np.random.Generator) -> NDArray[np.float64]:
    """What is broken, minute by minute, as a share of the worst."""
    if kind is OutageKind.BLIP:
        return np.append(np.ones(int(rng.integers(3, 8))), np.zeros(40))
    if kind is OutageKind.FLAPPING:
        bouts = []
        for _ in range(int(rng.integers(3, 7))):
            worst = float(rng.uniform(0.6, 1))
            bouts += [
                np.full(int(rng.integers(10, 40)), worst),
                np.zeros(int(rng.integers(10, 40))),
            ]
        return np.concatenate(bouts)
    if kind is OutageKind.NINE_HOURS:
        return np.append(np.ones(540), _tail(rng))
    if kind is OutageKind.STORY:
        later = np.full(int(rng.integers(120, 300)), 0.2)
        return np.concatenate((np.ones(25), np.linspace(1, 0.2, 25), later, 0.2 * _tail(rng)))
    if kind is OutageKind.BURN:
        return np.append(np.ones(int(rng.integers(180, 480))), _tail(rng))
    climb = np.linspace(0, 1, int(rng.integers(30, 70))) if kind is OutageKind.RAMP else np.ones(1)
    held = 1 - 0.4 * float(rng.random()) * np.linspace(0, 1, int(rng.integers(25, 200)))
    return np.concatenate((climb, held, held[-1] * _tail(rng)))


def _outage(
    stage: Stage, member: Member, kind: OutageKind, start: int, rng: np.random.Generator
) -> Push:
    """One outage; half of the lasting ones follow the day, as a share of the usual."""
    course = _crowd(_course(kind, rng), rng)
    course = course[: stage.length - start]
    inside, scope = np.ones(len(stage.leaves)), tuple[str, ...]()
    if kind in (OutageKind.COUNTRY, OutageKind.SUBDIVISION):
        leaf = stage.leaves[int(rng.choice(len(stage.leaves), p=member.shares))]
        hit = leaf.country if kind is OutageKind.COUNTRY else leaf.code
        scope = (hit,)
        inside = np.array([float(hit in (one.code, one.country)) for one in stage.leaves])
    part = member.shares * inside
    usual = member.rate * float(part.sum())
    now = max(float(part @ member.activity(stage, start)) / float(part.sum()), 0.15)
    if kind is OutageKind.STORY:
        rate = course / course.max() * float(rng.uniform(345, 450))
    elif kind is OutageKind.BURN or (kind is OutageKind.NINE_HOURS and rng.random() < 1 / 2):
        low, high = (1.5, 3.0) if kind is OutageKind.BURN else (1.5, 7.0)
        quarters = (start + np.arange(course.size)) // 15
        day = part @ member.shape[stage.slots[:, quarters]] / part.sum()
        rate = course * (usual * day * float(rng.uniform(low, high)) + float(rng.uniform(0.1, 0.3)))
    else:
        most = 25 if usual > _BIG else 80
        multiple = float(np.exp(rng.uniform(np.log(3), np.log(most))))
        more = float(np.exp(rng.uniform(np.log(0.3), np.log(3))))
        rate = course / course.max() * (usual * now * multiple + more)
    weights = part * np.maximum(member.activity(stage, start), 0.05)
    return Push(start, rate, weights / weights.sum(), kind, scope)


def _alone(stage: Stage, scripts: list[Script], rng: np.random.Generator) -> None:
    for script in scripts:
        for _ in range(2 + int(rng.integers(2))):
            kind = OutageKind(str(rng.choice([str(k) for k in _KINDS])))
            if kind is OutageKind.STORY and script.member.rate < _SMALLEST_STORY:
                kind = OutageKind.STEP
            start = script.claim(720, open_window(stage, script.member), rng, pad=500)
            if start is not None:
                script.pushes.append(_outage(stage, script.member, kind, start, rng))
        if script.member.truth.opened == stage.start:
            for _ in range(2):
                start = script.claim(720, (WEEK, stage.history), rng)
                if start is not None:
                    push = _outage(stage, script.member, OutageKind.STEP, start, rng)
                    script.pushes.append(Push(start, push.rate, push.weights))


def _together(stage: Stage, scripts: list[Script], rng: np.random.Generator) -> None:
    """Two platforms fall, and unrelated services with them; twice a parent and its children."""
    for _ in range(2):
        start = int(rng.integers(stage.history + 2 * DAY, stage.length - 2 * DAY))
        crowd = rng.choice(len(scripts), 5, replace=False)
        for script in (scripts[int(at)] for at in crowd):
            _join(stage, script, start + int(rng.integers(0, 6)), None, rng)
    for script in scripts:
        parent = script.member.truth.depends_on
        if parent is None or rng.random() < 1 / 2:
            continue
        own = next(s for s in scripts if s.member.truth.slug == parent)
        shared = own.claim(480, open_window(stage, own.member), rng)
        if shared is not None:
            own.pushes.append(_outage(stage, own.member, OutageKind.JOINT, shared, rng))
            _join(stage, script, shared + int(rng.integers(0, 6)), parent, rng)


def _join(
    stage: Stage, script: Script, start: int, cause: str | None, rng: np.random.Generator
) -> None:
    free = script.is_free(start - 500, start + 980)
    if free and start > open_window(stage, script.member)[0]:
        push = _outage(stage, script.member, OutageKind.JOINT, start, rng)
        script.pushes.append(replace(push, cause=cause))
        script.taken.append((start, start + 480))


# Nuisances


def _lasting(stage: Stage, scripts: list[Script], rng: np.random.Generator) -> None:
    """One more service triples from one minute to the next, at any time of day."""
    able = [
        s
        for s in scripts
        if s.member.truth.opened == stage.start and _TRIPLED[0] < s.member.rate < _TRIPLED[1]
    ]
    for script in [able[at] for at in rng.permutation(len(able))[:2]]:
        start = script.claim(3 * DAY, open_window(stage, script.member), rng, pad=60)
        if start is not None:
            ramp = np.linspace(0, 1, int(rng.integers(2, 60)))
            script.surges.append(Surge(start, 1 + 2 * ramp, forever=True))
            script.blame(stage, NuisanceKind.TRIPLING, start, stage.length)


def _strays(stage: Stage, scripts: list[Script], rng: np.random.Generator) -> None:
    """3 to 10 % of a parent's crowd reports its child instead."""
    by_slug = {script.member.truth.slug: script for script in scripts}
    for child in scripts:
        parent = by_slug.get(child.member.truth.depends_on or "")
        for push in [p for p in parent.pushes if p.kind] if parent else []:
            end = push.start + push.rate.size
            opened = child.member.truth.opened - stage.start
            if opened < push.start and child.is_free(push.start - PAD, end + PAD):
                share = float(rng.uniform(0.03, 0.1))
                child.pushes.append(Push(push.start, share * push.rate, push.weights))
                child.taken.append((push.start, end))
                kind = NuisanceKind.MISATTRIBUTED
                child.blame(stage, kind, push.start, push.start + length_over(push.rate) + 60)


def _chatter(stage: Stage, scripts: list[Script], rng: np.random.Generator) -> None:
    """Once in six weeks three to nine people of one place report within ten minutes."""
    for script in scripts:
        opened = script.member.truth.opened - stage.start
        for _ in range(int(rng.poisson(stage.length / (6 * WEEK)))):
            start = int(rng.integers(WEEK, stage.length - DAY))
            leaf = int(rng.choice(len(stage.leaves), p=script.member.shares))
            if start >= opened and script.is_free(start - PAD, start + PAD):
                for _ in range(int(rng.integers(3, 10))):
                    script.bursts.append(Burst(start + int(rng.integers(10)), leaf, 1))
                script.blame(stage, NuisanceKind.SPAM, start, start + 60)


def _gaps(
    stage: Stage, scripts: list[Script], rng: np.random.Generator
) -> tuple[tuple[int, int, int], ...]:
    """Gaps of 5 minutes to 3 hours outside of outages' first half hours, half of them made up."""
    starts = [p.start for script in scripts for p in script.pushes if p.kind is not None]
    gaps: list[tuple[int, int, int]] = []
    for start in rng.integers(stage.history + DAY, stage.length - DAY, 5000).tolist():
        end = start + int(np.exp(rng.uniform(np.log(5), np.log(180))))
        near = any(abs(start - other) < DAY for other, _, _ in gaps)
        if not near and not any(start - 60 <= a < end + 10 for a in starts):
            gaps.append((start, end, int(rng.choice([0, 1, 2, 4]))))
            kind = NuisanceKind.CATCH_UP if gaps[-1][2] else NuisanceKind.GAP
            for script in scripts:
                script.blame(stage, kind, start, end + 120)
        if len(gaps) == _GAPS:
            break
    return tuple(gaps)
