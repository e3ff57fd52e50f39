"""Exported counts in, the Outages the production detector makes of them out; no database.

Counts are CSV rows ``minute,service,region,count`` sorted by minute: an ISO 8601 UTC minute, a
Service slug, the code of exactly the Region named (empty: place unknown), Reports (an integer of
at least 1). Minutes without a row have none. Baselines are learnt on the way.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import numpy as np

from aggregator.detection import (
    WORLD,
    Counts,
    Engine,
    Move,
    Parameters,
    State,
    Step,
    Topology,
)

COLUMNS: Final = ("minute", "service", "region", "count")
RUN_OUT_MINUTES: Final = 180
DEPENDENCY_COLUMNS: Final = ("service", "depends_on")


class BadRowError(ValueError):
    """A row that breaks the format; its text names the line and what is wanted."""

    def __init__(self, line: int, problem: str) -> None:
        """Name the line (1 is the header)."""
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.source = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One Outage of a replay; instants are ISO 8601 UTC with ``Z``.

    `detected_at` is the end of the last minute looked at. `regions` is the scope, empty when
    worldwide; `region` the smallest Region that holds it, ``""`` when worldwide.
    """

    service: str
    region: str
    regions: tuple[str, ...]
    started_at: str
    detected_at: str
    confirmed_at: str | None
    ended_at: str | None
    peak_count: int
    expected_at_peak: float
    cause: str | None

    def as_line(self) -> str:
        """The record as one line of NDJSON."""
        return json.dumps(asdict(self), ensure_ascii=False) + "\n"


def instant(minute: int) -> str:
    """A minute's beginning as ISO 8601 UTC.

    >>> instant(29_563_200)
    '2026-03-18T00:00:00Z'
    """
    return datetime.fromtimestamp(minute * 60, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=8)
def to_minute(text: str) -> int:
    """The minute an ISO 8601 UTC instant names.

    Raises:
        ValueError: when it is no instant, has no or another offset than UTC, or holds seconds.

    >>> to_minute("2026-03-18T00:00:00Z")
    29563200
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or moment.utcoffset():
        raise ValueError(f"{text!r} is not in UTC (ends in Z)")
    if moment.second or moment.microsecond:
        raise ValueError(f"{text!r} is not a whole minute")
    return round(moment.timestamp()) // 60


def parent_code(code: str) -> str:
    """A Region code's parent: country of a subdivision, else the world.

    >>> parent_code("US-CA"), parent_code("US")
    ('US', '')
    """
    return code.partition("-")[0] if "-" in code else WORLD


@dataclass(slots=True)
class Places:
    """Services and Regions numbered as they are first named; the Topology grows with them."""

    zones: Mapping[str, str]
    dependencies: tuple[tuple[str, str], ...] = ()
    services: dict[str, int] = field(default_factory=dict)
    regions: dict[str, int] = field(default_factory=lambda: {WORLD: 0})

    def service(self, slug: str) -> int:
        """Number of a Service."""
        return self.services.setdefault(slug, len(self.services))

    def region(self, code: str) -> int:
        """Number of a Region; its parents are numbered too."""
        if code not in self.regions:
            self.region(parent_code(code))
            self.regions[code] = len(self.regions)
        return self.regions[code]

    def size(self) -> tuple[int, int]:
        """How many Services and Regions are known."""
        return len(self.services), len(self.regions)

    def topology(self) -> Topology:
        """The Topology of all that is known."""
        codes = tuple(self.regions)
        return Topology(
            services=tuple(self.services),
            regions=codes,
            parents=tuple(-1 if not code else self.regions[parent_code(code)] for code in codes),
            zones=tuple(self.zones.get(code, "UTC") for code in codes),
            dependencies=tuple(
                (self.services[child], self.services[parent])
                for child, parent in self.dependencies
                if child in self.services and parent in self.services
            ),
        )


def _rows(lines: Iterable[str], columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Rows after the header, with their line numbers.

    Raises:
        BadRowError: when the header or a row's number of fields is wrong.
    """
    reader = csv.reader(lines)
    header = [name.strip().lstrip("\ufeff") for name in next(reader, [])]
    if tuple(header) != columns:
        raise BadRowError(1, f"the header is {','.join(columns)}, not {','.join(header)!r}")
    width = len(columns)
    for row in reader:
        if len(row) == width:
            yield reader.line_num, row
        elif row:
            raise BadRowError(reader.line_num, f"{width} fields are wanted, not {len(row)}")


def read_dependencies(lines: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Pairs (Service, the Service it depends on) from CSV ``service,depends_on``.

    Raises:
        BadRowError: on a row that breaks the format.

    >>> read_dependencies(["service,depends_on", "claude,aws"])
    (('claude', 'aws'),)
    """
    pairs: list[tuple[str, str]] = []
    for line, (child, parent) in _rows(lines, DEPENDENCY_COLUMNS):
        if not child or not parent or child == parent:
            raise BadRowError(line, "two different slugs are wanted")
        pairs.append((child, parent))
    return tuple(dict.fromkeys(pairs))


def read_minutes(lines: Iterable[str], places: Places) -> Iterator[tuple[int, Counts]]:
    """The minutes that have rows, ascending, each with its counts.

    Raises:
        BadRowError: on a row that breaks the format or the order.
    """
    current, text, line = -1, "", 0
    services: list[int] = []
    regions: list[int] = []
    reports: list[int] = []
    for line, row in _rows(lines, COLUMNS):
        if row[0] != text:
            minute = _minute(line, row[0])
            if minute < current:
                raise BadRowError(line, f"minutes are not in order: {row[0]} after {text}")
            if services and minute != current:
                yield current, _counts(services, regions, reports)
                services, regions, reports = [], [], []
            current, text = minute, row[0]
        reports.append(_count(line, row[3]))
        services.append(_service(line, row[1], places))
        regions.append(places.region(row[2]))
    if services:
        yield current, _counts(services, regions, reports)


def _minute(line: int, text: str) -> int:
    try:
        return to_minute(text)
    except ValueError as error:
        raise BadRowError(line, f"minute: {error}") from None


def _count(line: int, text: str) -> int:
    try:
        count = int(text)
    except ValueError:
        count = 0
    if count < 1:
        raise BadRowError(line, f"count: an integer of at least 1 is wanted, not {text!r}")
    return count


def _service(line: int, slug: str, places: Places) -> int:
    if not slug:
        raise BadRowError(line, "service: a slug is wanted")
    return places.service(slug)


def _counts(services: list[int], regions: list[int], reports: list[int]) -> Counts:
    return Counts(
        np.array(services, np.int64), np.array(regions, np.int64), np.array(reports, np.int64)
    )


def steps(
    lines: Iterable[str],
    places: Places,
    parameters: Parameters | None = None,
    tell: Callable[[int], None] | None = None,
) -> Iterator[Step]:
    """Feed every minute from the first row's on to a new Engine.

    It goes on past the last row while an Outage is open, for up to three hours: no rows are no
    Reports, and an Outage ends by them. The last Step tells the Outages still open then.

    Args:
        lines: the counts, as text lines with the header.
        places: Region time zones and dependencies; learns the Services and Regions named.
        parameters: the detector's, its defaults when None.
        tell: called after every row's minute with that minute.

    Raises:
        BadRowError: on a row that breaks the format or the order.
    """
    engine: Engine | None = None
    nothing = _counts([], [], [])
    for minute, counts in read_minutes(lines, places):
        if engine is None:
            engine = Engine(places.topology(), parameters)
        last = engine.minute
        for quiet in range(minute if last is None else last + 1, minute):
            yield engine.advance(quiet, nothing)
        known = len(engine.topology.services), len(engine.topology.regions)
        if known != places.size():
            engine.grow(places.topology())
        yield engine.advance(minute, counts)
        if tell is not None:
            tell(minute)
    if engine is not None:
        yield from _run_out(engine, nothing)


def _run_out(engine: Engine, nothing: Counts) -> Iterator[Step]:
    minute = engine.minute
    assert minute is not None  # noqa: S101 - it was just advanced
    for quiet in range(minute + 1, minute + 1 + RUN_OUT_MINUTES):
        if not engine.standing():
            return
        yield engine.advance(quiet, nothing)
    yield Step(minute + RUN_OUT_MINUTES, engine.standing())


def gather(moves: Iterable[Move]) -> list[Record]:
    """One record an Outage, in order of detection; a re-opened Outage stays one."""
    records: list[Record] = []
    current: dict[str, int] = {}
    for move in moves:
        now = instant(move.minute + 1)
        if move.from_state is None:
            current[move.service] = len(records)
            records.append(_first(move, now))
            continue
        at = current[move.service]
        confirmed = records[at].confirmed_at
        if move.to_state is State.CONFIRMED and confirmed is None:
            confirmed = now
        records[at] = replace(
            records[at],
            region=move.region,
            regions=_scope(move),
            confirmed_at=confirmed,
            ended_at=now if move.to_state is State.OVER else None,
            cause=move.cause,
        )
        if move.peak_count >= records[at].peak_count:
            peak = move.peak_count, move.expected_at_peak
            records[at] = replace(records[at], peak_count=peak[0], expected_at_peak=peak[1])
    return records


def _scope(move: Move) -> tuple[str, ...]:
    return tuple(code for code in move.regions if code != WORLD)


def _first(move: Move, now: str) -> Record:
    return Record(
        service=move.service,
        region=move.region,
        regions=_scope(move),
        started_at=instant(move.started),
        detected_at=now,
        confirmed_at=now if move.to_state is State.CONFIRMED else None,
        ended_at=None,
        peak_count=move.peak_count,
        expected_at_peak=move.expected_at_peak,
        cause=move.cause,
    )


def replay(
    lines: Iterable[str],
    places: Places,
    *,
    since: str | None = None,
    parameters: Parameters | None = None,
    tell: Callable[[int], None] | None = None,
) -> list[Record]:
    """All Outages of the counts, in order of detection.

    Args:
        lines: the counts, as text lines with the header.
        places: Region time zones and dependencies.
        since: ISO 8601 UTC instant: Outages detected before it are left out, their counts are
            history to learn from.
        parameters: the detector's, its defaults when None.
        tell: called with every minute that has rows.

    Raises:
        BadRowError: on a row that breaks the format or the order.
        ValueError: when `since` is no UTC minute.
    """
    first = None if since is None else instant(to_minute(since))
    moves = (move for step in steps(lines, places, parameters, tell) for move in step.moves)
    return [record for record in gather(moves) if first is None or record.detected_at >= first]
