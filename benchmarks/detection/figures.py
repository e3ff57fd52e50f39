"""The figures of one detector over any number of worlds, each with its 95 % interval."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.detection.intervals import Estimate, rate, share
from benchmarks.detection.scoring import false_by_blame
from benchmarks.detection.truth import VOLUMES, NuisanceKind, OutageKind
from benchmarks.detection.worlds.noise import Noise

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.detection.scoring import FalseRecord, Finding, Score
    from benchmarks.detection.truth import ServiceTruth

BIG = VOLUMES.index(2.0)
"""The smallest volume class that counts as big: two reports a minute and more."""


@dataclass(frozen=True, slots=True)
class Found:
    """How many of some outages were found, and how soon (minutes from onset; None: none)."""

    share: Estimate
    median: float | None
    p90: float | None
    outages: int


@dataclass(frozen=True, slots=True)
class Group:
    """Outages found and false outages a service-year in one volume class or noise family."""

    found: Found
    false: Estimate


@dataclass(frozen=True, slots=True)
class Closing:
    """How outages end: shares of those found, minutes from the true end."""

    early: Estimate
    median: float | None
    p90: float | None
    split: Estimate
    placed: Estimate


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one detector. Rates are a service-year, ``blames`` are plain numbers."""

    name: str
    service_years: float
    false: Estimate
    false_confirmed: Estimate
    blames: dict[str, int]
    found: Found
    big: Found
    volumes: dict[str, Group]
    noises: dict[str, Group]
    kinds: dict[str, Found]
    confirmed: Found
    closing: Closing
    children_confirmed: int
    children_held: int
    hours_tripled: tuple[float, ...]


def percentile(values: Sequence[float], percent: int) -> float | None:
    """The nearest-rank percentile; None of nothing.

    >>> percentile([5, 1, 9], 50), percentile([], 50)
    (5, None)
    """
    if not values:
        return None
    return sorted(values)[max(0, -(-len(values) * percent // 100) - 1)]


def sum_up(name: str, scores: Sequence[Score]) -> Figures:
    """The figures of ``name`` over all ``scores``."""
    findings = [finding for one in scores for finding in one.findings]
    false = [record for one in scores for record in one.false]
    blames = false_by_blame(scores)
    confirmed = sum(record.record.confirmed_at is not None for record in false)
    years = sum(one.truth.service_years() for one in scores)
    return Figures(
        name=name,
        service_years=years,
        false=rate(len(false), years),
        false_confirmed=rate(confirmed, years),
        blames={str(kind): blames[kind] for kind in NuisanceKind},
        found=_found(findings, [f.delay for f in findings]),
        big=_group(scores, lambda service: service.volume >= BIG).found,
        volumes={f"{VOLUMES[v]:g}": _group(scores, _of_volume(v)) for v in range(len(VOLUMES))},
        noises={str(noise): _group(scores, _of_noise(noise)) for noise in Noise},
        kinds={str(kind): _of_kind(findings, kind) for kind in OutageKind},
        confirmed=_found(findings, [f.confirm for f in findings]),
        closing=_closing(findings),
        children_confirmed=sum(one.children_confirmed for one in scores),
        children_held=sum(one.children_held for one in scores),
        hours_tripled=tuple(hours for one in scores for hours in one.hours_tripled),
    )


def _found(findings: Sequence[Finding], delays: Sequence[int | None]) -> Found:
    hits = [delay for delay in delays if delay is not None]
    return Found(
        share=share(len(hits), len(findings)),
        median=percentile(hits, 50),
        p90=percentile(hits, 90),
        outages=len(findings),
    )


def _of_kind(findings: Sequence[Finding], kind: OutageKind) -> Found:
    chosen = [finding for finding in findings if finding.outage.kind is kind]
    return _found(chosen, [finding.delay for finding in chosen])


def _of_volume(number: int) -> Callable[[ServiceTruth], bool]:
    return lambda service: service.volume == number


def _of_noise(noise: Noise) -> Callable[[ServiceTruth], bool]:
    return lambda service: service.noise == noise


def _group(scores: Sequence[Score], chosen: Callable[[ServiceTruth], bool]) -> Group:
    """Figures of the services that ``chosen`` lets through."""
    findings: list[Finding] = []
    false: list[FalseRecord] = []
    years = 0.0
    for one in scores:
        services = tuple(service for service in one.truth.services if chosen(service))
        slugs = {service.slug for service in services}
        findings += [f for f in one.findings if f.outage.service in slugs]
        false += [f for f in one.false if f.record.service in slugs]
        years += one.truth.service_years(services)
    return Group(_found(findings, [f.delay for f in findings]), rate(len(false), years))


def _closing(findings: Sequence[Finding]) -> Closing:
    hits = [finding for finding in findings if finding.delay is not None]
    closes = [finding.close for finding in hits if finding.close is not None]
    late = [close for close in closes if close >= 0]
    return Closing(
        early=share(len(closes) - len(late), len(hits)),
        median=percentile(late, 50),
        p90=percentile(late, 90),
        split=share(sum(finding.records > 1 for finding in hits), len(hits)),
        placed=share(sum(finding.placed is True for finding in hits), len(hits)),
    )
