"""What a list of detected outages is worth against the truth.

A record belongs to a true outage of its service if it is detected from the onset to an hour
after the end; it *finds* it if detected before the end. All other records are false, and the
nuisance around them, if any, is blamed. A tripled service may go into one outage (it cannot be
told at first); how long it stays there is scored instead. A child's record that names its
cause and is never confirmed is held back rightly, and not false.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.detection.truth import DAY, Nuisance, NuisanceKind, Outage, Truth
from benchmarks.detection.worlds.places import covers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

GRACE = 60
"""Minutes after an outage in which a record still belongs to it."""

_BLAME = tuple(NuisanceKind)
"""Where spans overlap, the first kind in this order is blamed."""


@dataclass(frozen=True, slots=True)
class Record:
    """One detected outage; instants in minutes since the epoch, ends of the minute looked at."""

    service: str
    detected_at: int
    confirmed_at: int | None
    ended_at: int | None
    regions: tuple[str, ...] = ()
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one true outage.

    ``delay`` is minutes from onset to detection (None: missed), ``confirm`` to confirmation.
    ``close`` is minutes from the true end to the close, negative if closed early, None if
    missed or never closed. ``records`` is how many records the episode has. ``placed`` says
    whether the scope was right (None: missed).
    """

    outage: Outage
    delay: int | None
    confirm: int | None
    close: int | None
    records: int
    placed: bool | None


@dataclass(frozen=True, slots=True)
class FalseRecord:
    """A record of no outage, and what is to blame."""

    record: Record
    blame: NuisanceKind


@dataclass(frozen=True, slots=True)
class Score:
    """One detector on one world."""

    truth: Truth
    findings: tuple[Finding, ...]
    false: tuple[FalseRecord, ...]
    children_confirmed: int
    children_held: int
    hours_tripled: tuple[float, ...]


def score(truth: Truth, records: Iterable[Record]) -> Score:
    """Match ``records`` with ``truth``; records detected before the test weeks are dropped."""
    by_service: dict[str, list[Record]] = {s.slug: [] for s in truth.services}
    for record in sorted(records, key=lambda r: r.detected_at):
        if record.detected_at > truth.test_start:
            by_service[record.service].append(record)
    findings: list[Finding] = []
    strangers: list[Record] = []
    for slug, own in by_service.items():
        outages = [o for o in truth.outages if o.service == slug]
        findings += [_find(o, [r for r in own if _belongs(r, o)]) for o in outages]
        strangers += [r for r in own if not any(_belongs(r, o) for o in outages)]
    return _judge(truth, tuple(findings), strangers, by_service)


def _belongs(record: Record, outage: Outage) -> bool:
    return outage.onset < record.detected_at <= outage.end + GRACE


def _find(outage: Outage, records: Sequence[Record]) -> Finding:
    if not records or records[0].detected_at > outage.end:
        return Finding(outage, None, None, None, len(records), None)
    first, last = records[0], records[-1]
    confirmed = [r.confirmed_at for r in records if r.confirmed_at is not None]
    closed = first if first.ended_at is not None and first.ended_at < outage.end else last
    return Finding(
        outage,
        delay=first.detected_at - outage.onset,
        confirm=min(confirmed) - outage.onset if confirmed else None,
        close=None if closed.ended_at is None else closed.ended_at - outage.end,
        records=len(records),
        placed=is_placed(outage.scope, first.regions),
    )


def is_placed(scope: tuple[str, ...], regions: tuple[str, ...]) -> bool:
    """Whether the Regions named are those hit: the very one, or a part or parent of it.

    For a worldwide outage any answer but a single subdivision will do.

    >>> is_placed(("US",), ("US-CA", "US-TX")), is_placed(("US",), ("GB",)), is_placed((), ())
    (True, False, True)
    """
    named = tuple(region for region in regions if region)
    if not scope:
        return len(named) != 1 or "-" not in named[0]
    hit = scope[0]
    return bool(named) and all(covers(hit, r) or covers(r, hit) for r in named)


def _judge(
    truth: Truth,
    findings: tuple[Finding, ...],
    strangers: Sequence[Record],
    by_service: dict[str, list[Record]],
) -> Score:
    tripled = [n for n in truth.nuisances if n.kind is NuisanceKind.TRIPLING]
    excused = _excused(tripled, by_service)
    false: list[FalseRecord] = []
    held = confirmed = 0
    around: dict[str | None, list[Nuisance]] = {}
    for nuisance in truth.nuisances:
        around.setdefault(nuisance.service, []).append(nuisance)
    for record in strangers:
        blame = blamed((*around.get(None, ()), *around.get(record.service, ())), record)
        child = blame is NuisanceKind.MISATTRIBUTED
        confirmed += child and record.confirmed_at is not None
        if child and record.confirmed_at is None and record.cause is not None:
            held += 1
        elif record not in excused:
            false.append(FalseRecord(record, blame))
    hours = tuple(_hours(n, by_service[n.service or ""]) for n in tripled)
    return Score(truth, findings, tuple(false), confirmed, held, hours)


def _excused(tripled: Sequence[Nuisance], by_service: dict[str, list[Record]]) -> list[Record]:
    """The first record within a day after each tripling."""
    first = []
    for nuisance in tripled:
        own = by_service[nuisance.service or ""]
        first += [r for r in own if nuisance.start < r.detected_at <= nuisance.start + DAY][:1]
    return first


def _hours(tripled: Nuisance, records: Sequence[Record]) -> float:
    """Hours that a tripled service spends in outage in the three days after."""
    minutes, last = 0, min(tripled.end, tripled.start + 3 * DAY)
    for record in records:
        end = last if record.ended_at is None else min(record.ended_at, last)
        if tripled.start < record.detected_at < last:
            minutes += end - record.detected_at
    return minutes / 60


def blamed(nuisances: Iterable[Nuisance], record: Record) -> NuisanceKind:
    """The kind of nuisance in whose span ``record`` was detected, else ``BACKGROUND``."""
    around = {
        n.kind
        for n in nuisances
        if n.service in (None, record.service) and n.start < record.detected_at <= n.end
    }
    return next((kind for kind in _BLAME if kind in around), NuisanceKind.BACKGROUND)


def false_by_blame(scores: Iterable[Score]) -> Counter[NuisanceKind]:
    """Number of false records by what is to blame."""
    return Counter(false.blame for one in scores for false in one.false)
