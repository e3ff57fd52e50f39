"""Reading the files of a replay: counts, dependencies and sensitivities, row by row.

Counts are CSV rows ``minute,service,region,count`` sorted by minute: an ISO 8601 UTC minute, a
Service slug, the code of exactly the Region named (empty: place unknown), Reports (an integer of
at least 1). Minutes without a row have none.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import numpy as np

from aggregator.detection import WORLD, Change, Counts, Course, Topology

COLUMNS: Final = ("minute", "service", "region", "count")
DEPENDENCY_COLUMNS: Final = ("service", "depends_on")
SENSITIVITY_COLUMNS: Final = ("from", "service", "sensitivity")
LONGEST_GAP_MINUTES: Final = 400 * 1440
"""Minutes without a row from which a date is taken for a slip of the pen."""
MOST_REPORTS: Final = 10**9
LONGEST_FIELD: Final = 100


class BadRowError(ValueError):
    """A row that breaks the format; its text names the line and what is wanted."""

    def __init__(self, line: int, problem: str) -> None:
        """Name the line (1 is the header)."""
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.source = ""


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
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{_cut(text)} is no time like 2026-03-18T14:05Z") from None
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

    def unknown_regions(self) -> list[str]:
        """Codes without a time zone of their own; their clock is taken to be UTC."""
        return [code for code in self.regions if code and code not in self.zones]

    def unknown_dependencies(self) -> list[str]:
        """Slugs that depend on others, or others on them, and that no row named."""
        named = dict.fromkeys(slug for pair in self.dependencies for slug in pair)
        return [slug for slug in named if slug not in self.services]

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
    reader = csv.reader(lines, strict=True)
    try:
        header = next(reader, None)
        if header is None:
            raise BadRowError(1, f"the file is empty; its first line is {','.join(columns)}")
        names = tuple(name.strip().lstrip("\ufeff") for name in header)
        if names != columns:
            raise BadRowError(1, f"the header is {','.join(columns)}, not {_cut(','.join(names))}")
        width = len(columns)
        for row in reader:
            if len(row) == width:
                yield reader.line_num, row
            elif row:
                raise BadRowError(reader.line_num, f"{width} fields are wanted, not {len(row)}")
    except csv.Error as error:
        raise BadRowError(reader.line_num, f"this is no CSV: {error}") from None


def _cut(text: str) -> str:
    """A value as a message shows it: quoted, and never a page of it.

    >>> _cut("x" * 200)[-5:], _cut("a")
    ('xx...', "'a'")
    """
    return repr(text) if len(text) <= LONGEST_FIELD else f"{text[:LONGEST_FIELD]}..."


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


def read_sensitivities(lines: Iterable[str]) -> Course:
    """What held when, from CSV ``from,service,sensitivity``.

    `from` is the first minute that a row holds for (empty: always), `service` a slug (empty: the
    site), `sensitivity` a step, or nothing where a Service follows the site again; the site's may
    name volume classes. Of two rows for one minute the later one holds.

    Raises:
        BadRowError: on a row that breaks the format.

    >>> rows = ["from,service,sensitivity", ',,"normal,1000:low"', "2026-03-18T14:05Z,claude,high"]
    >>> read_sensitivities(rows).at(0).of("claude", 5000.0).value
    'low'
    """
    changes: list[Change] = []
    for line, (since, slug, value) in _rows(lines, SENSITIVITY_COLUMNS):
        first = _minute(line, since) if since else 0
        try:
            changes.append(Change(first, slug, value))
        except ValueError as error:
            raise BadRowError(line, f"sensitivity: {error}") from None
    return Course(changes)


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
            _check_order(line, row[0], minute, text, current)
            if services and minute != current:
                yield current, _counts(services, regions, reports)
                services, regions, reports = [], [], []
            current, text = minute, row[0]
        reports.append(_count(line, row[3]))
        services.append(_service(line, row[1], places))
        regions.append(_region(line, row[2], places))
    if services:
        yield current, _counts(services, regions, reports)


def _check_order(line: int, text: str, minute: int, before: str, current: int) -> None:
    if not before:
        return
    if minute < current:
        raise BadRowError(line, f"minutes are not in order: {text} after {before}")
    if minute - current > LONGEST_GAP_MINUTES:
        days = (minute - current) // 1440
        raise BadRowError(line, f"minute: {text} is {days} days after the row before it")


def _minute(line: int, text: str) -> int:
    try:
        return to_minute(text)
    except (ValueError, OverflowError) as error:
        raise BadRowError(line, f"minute: {error}") from None


def _count(line: int, text: str) -> int:
    count = int(text) if text.isascii() and text.isdigit() and len(text) < LONGEST_FIELD else 0
    if not 1 <= count <= MOST_REPORTS:
        problem = f"count: an integer from 1 to {MOST_REPORTS:,} is wanted, not {_cut(text)}"
        raise BadRowError(line, problem)
    return count


def _service(line: int, slug: str, places: Places) -> int:
    if not slug or len(slug) > LONGEST_FIELD:
        raise BadRowError(line, f"service: a slug is wanted, not {_cut(slug)}")
    return places.service(slug)


def _region(line: int, code: str, places: Places) -> int:
    if len(code) > LONGEST_FIELD:
        raise BadRowError(line, f"region: a code is wanted, not {_cut(code)}")
    return places.region(code)


def _counts(services: list[int], regions: list[int], reports: list[int]) -> Counts:
    return Counts(
        np.array(services, np.int64), np.array(regions, np.int64), np.array(reports, np.int64)
    )
