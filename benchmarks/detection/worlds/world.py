"""A made world: counts by service, Region and minute, with the truth of what happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.detection.truth import Outage, OutageKind, Truth
from benchmarks.detection.worlds.cast import Member, Stage, draw_cast, draw_stage
from benchmarks.detection.worlds.noise import clusters, log_gaussian, mood
from benchmarks.detection.worlds.nuisances import (
    gap_nuisances,
    plan_echoes,
    plan_gaps,
    plan_nuisances,
    plan_relations,
)
from benchmarks.detection.worlds.places import ZONES, covers, reporting
from benchmarks.detection.worlds.plan import Push, Script, plan_outages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

MONDAY = 29_449_440
"""2025-12-29T00:00Z in minutes since the epoch: all clock changes of spring follow in the test."""

ORACLE = 15.6
"""Log likelihood ratio at which a test that knows everything is sure (about 1 in 6 million)."""

Gaps = tuple[tuple[int, int, int], ...]
"""Start, end, and over how many minutes afterwards the lost reports arrive (0: never)."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Counts of one service: parallel arrays, by minute, zeros left out.

    ``minute`` counts from the start of the world, ``region`` indexes the world's codes.
    """

    minute: NDArray[np.int32]
    region: NDArray[np.int16]
    count: NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class World:
    """The counts of every service, in the order of ``truth.services``, and the truth.

    ``zones`` are the time zones of its Regions, by code.
    """

    truth: Truth
    codes: tuple[str, ...]
    rows: tuple[Rows, ...]
    zones: Mapping[str, str] = field(default_factory=lambda: ZONES)

    @property
    def minutes(self) -> int:
        """How long the world lasts."""
        return self.truth.end - self.truth.start

    def dense(self, service: int) -> NDArray[np.int32]:
        """Counts of one service: Region codes x minutes, exactly that Region each."""
        rows = self.rows[service]
        table = np.zeros((len(self.codes), self.minutes), np.int32)
        table[rows.region, rows.minute] = rows.count
        return table

    def days(self) -> Iterator[tuple[NDArray[np.int64], ...]]:
        """Day by day the columns (minute, service, region, count), sorted in that order."""
        edges = np.arange(0, self.minutes + 1, 1440)
        cuts = [np.searchsorted(rows.minute, edges) for rows in self.rows]
        for day in range(edges.size - 1):
            parts = [
                (rows.minute[a:b], np.full(b - a, number), rows.region[a:b], rows.count[a:b])
                for number, rows in enumerate(self.rows)
                for a, b in [cuts[number][day : day + 2]]
            ]
            columns = [
                np.concatenate(column).astype(np.int64) for column in zip(*parts, strict=True)
            ]
            order = np.lexsort((columns[2], columns[1], columns[0]))
            yield tuple(column[order] for column in columns)


def make_world(seed: int, services: int = 60, history: int = 8, weeks: int = 13) -> World:
    """The world of ``seed``: the same arguments give the same counts.

    Args:
        seed: any integer ≥ 0.
        services: how many.
        history: weeks before the labelled ones.
        weeks: labelled weeks.
    """
    rng = np.random.default_rng(seed)
    stage = draw_stage(MONDAY, history, weeks, rng)
    scripts = [Script(member) for member in draw_cast(stage, services, rng)]
    plan_nuisances(stage, scripts, rng)
    plan_outages(stage, scripts, rng)
    plan_relations(stage, scripts, rng)
    plan_echoes(stage, scripts, rng)
    return render(seed, stage, scripts, plan_gaps(stage, scripts, rng))


def render(seed: int, stage: Stage, scripts: list[Script], gaps: Gaps) -> World:
    """Draw all reports of a world whose plan is made."""
    rendered = [_render(stage, script, gaps, (seed, n)) for n, script in enumerate(scripts)]
    truth = Truth(
        seed=seed,
        start=stage.start,
        test_start=stage.start + stage.history,
        end=stage.start + stage.length,
        services=tuple(script.member.truth for script in scripts),
        outages=tuple(outage for _, outages in rendered for outage in outages),
        nuisances=(
            *gap_nuisances(stage, gaps),
            *(nuisance for script in scripts for nuisance in script.nuisances),
        ),
    )
    codes = ("", *(leaf.code for leaf in stage.leaves))
    return World(truth, codes, tuple(rows for rows, _ in rendered))


def _usual(stage: Stage, member: Member) -> NDArray[np.float64]:
    """Reports a minute in each leaf (leaves x quarter-hours) if nothing ever happened.

    A holiday is half way between what the calendar says and a Sunday.
    """
    quarters = stage.length // 15
    level = member.rate * member.growth ** (np.arange(quarters) / quarters)
    opened = (member.truth.opened - stage.start) // 15
    level[:opened] = 0
    shape = np.sqrt(member.shape[stage.slots] * member.shape[stage.holidays])
    return np.asarray(member.shares[:, None] * shape * level)


def _surged(stage: Stage, script: Script) -> NDArray[np.float64]:
    """The factor of all surges on each minute."""
    factor = np.ones(stage.length)
    for surge in script.surges:
        end = min(stage.length, surge.start + surge.factor.size)
        factor[surge.start : end] *= surge.factor[: end - surge.start]
        if surge.forever:
            factor[end:] *= surge.factor[-1]
    return factor


def _render(
    stage: Stage, script: Script, gaps: Gaps, seed: tuple[int, int]
) -> tuple[Rows, list[Outage]]:
    """Draw the reports of one service, and what an oracle would have needed."""
    member = script.member
    rng = np.random.default_rng((*seed, 1))
    codes, names = reporting(stage.leaves, member.unknown, member.country_only)
    countries = [leaf.country for leaf in stage.leaves]
    order = list(dict.fromkeys(countries))
    usual = _usual(stage, member)
    usual *= mood(member.temper, [order.index(c) for c in countries], usual.shape[1], rng)
    factor = _surged(stage, script)
    rate = np.repeat((names @ usual).astype(np.float32), 15, axis=1)
    rate *= factor.astype(np.float32)
    alone = [(push, _base(stage, push, codes, rate)) for push in script.pushes if push.kind]
    rate *= 1 - member.temper.clustered
    for push in script.pushes:
        end = min(stage.length, push.start + push.rate.size)
        excess = np.outer(names @ push.weights, push.rate[: end - push.start])
        rate[:, push.start : end] += excess.astype(np.float32)
    if member.temper.size:
        size = member.temper.size
        rate *= rng.gamma(size, 1 / size, stage.length).astype(np.float32)
    if member.temper.minutely:
        path = log_gaussian(member.temper.minutely, 25.0, (1, stage.length), rng)[0]
        rate *= path.astype(np.float32)
    counts = rng.poisson(rate).astype(np.int32)
    _add_people(script, names, usual, counts, rng)
    _lose(counts, gaps)
    outages = [_outage(stage, script, push, base, counts) for push, base in alone]
    minute, region = np.nonzero(counts.T)
    rows = Rows(minute.astype(np.int32), region.astype(np.int16), counts[region, minute])
    return rows, outages


def _add_people(
    script: Script,
    names: NDArray[np.float64],
    usual: NDArray[np.float64],
    counts: NDArray[np.int32],
    rng: np.random.Generator,
) -> None:
    """Add to ``counts``, in place, those who come one by one: clusters, spam, cron jobs."""
    chance = np.cumsum(names, axis=0)
    if script.member.temper.clustered:
        minute, leaf = clusters(usual, script.member.temper.clustered, rng)
        code = (rng.random(leaf.size) > chance[:, leaf]).sum(axis=0)
        np.add.at(counts, (code, minute), 1)
    for burst in script.bursts:
        split = rng.multinomial(burst.count, names[:, burst.leaf])
        counts[:, burst.minute] += split.astype(np.int32)


def _lose(counts: NDArray[np.int32], gaps: Gaps) -> None:
    """Empty each gap, in place; if it catches up, its reports land in the minutes after it."""
    for start, end, late in gaps:
        lost = counts[:, start:end].sum(axis=1)
        for k in range(late):
            counts[:, end + k] += lost * (k + 1) // late - lost * k // late
        counts[:, start:end] = 0


def _inside(push: Push, codes: tuple[str, ...]) -> NDArray[np.bool_]:
    """Which of ``codes`` lie in the (one) Region that ``push`` hits."""
    node = push.scope[0] if push.scope else ""
    return np.array([covers(node, code) for code in codes])


def _base(
    stage: Stage, push: Push, codes: tuple[str, ...], rate: NDArray[np.float32]
) -> NDArray[np.float64]:
    """The true background of the Region hit, a minute, while ``push`` lasts."""
    span = slice(push.start, min(push.end, stage.length))
    return np.asarray(rate[_inside(push, codes), span].sum(axis=0), np.float64) + 1e-6


def _outage(
    stage: Stage,
    script: Script,
    push: Push,
    base: NDArray[np.float64],
    counts: NDArray[np.int32],
) -> Outage:
    """The truth of one outage, with the oracle's delay (Wald's likelihood ratio, all known)."""
    member = script.member
    codes, names = reporting(stage.leaves, member.unknown, member.country_only)
    inside = _inside(push, codes)
    excess = float((names @ push.weights)[inside].sum()) * push.rate[: base.size]
    seen = counts[inside, push.start : push.start + base.size].sum(axis=0)
    return Outage(
        service=member.truth.slug,
        kind=OutageKind(push.kind or ""),
        onset=stage.start + push.start,
        end=stage.start + push.start + base.size,
        peak=round(float(push.rate.max()), 4),
        scope=push.scope,
        cause=push.cause,
        oracle=oracle_delay(seen, base, excess),
    )


def oracle_delay(
    seen: NDArray[np.int32], base: NDArray[np.float64], excess: NDArray[np.float64]
) -> int | None:
    """Minutes that Wald's likelihood ratio needs when all is known; None: more than there are.

    Args:
        seen: Reports of every minute from the onset to the end, where the outage is.
        base: those expected of the background, above 0.
        excess: those expected of the outage.

    >>> oracle_delay(np.full(9, 12), np.full(9, 2.0), np.full(9, 10.0))
    2
    """
    sure = np.flatnonzero(np.cumsum(seen * np.log1p(excess / base) - excess) >= ORACLE)
    return int(sure[0]) + 1 if sure.size else None
