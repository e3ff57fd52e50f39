"""Counts for others to work with: rows in order, small counts masked, three formats.

Everything streams: the memory needed does not grow with the span of time.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import islice, pairwise
from operator import attrgetter
from typing import IO, Any

import msgspec
import pyarrow as pa
from django.db import transaction
from django.db.models import QuerySet, Sum
from pyarrow import parquet

from aggregator.models import HourCount, MinuteCount, QuarterCount

SMALLEST_SHOWN = 5
CHUNK_ROWS = 10_000
PARQUET_GROUP_ROWS = 100_000


class Step(StrEnum):
    """The width of a row's span of time."""

    MINUTE = "1m"
    QUARTER = "15m"
    HOUR = "1h"


class Format(StrEnum):
    """What a file of counts is written in."""

    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class Row:
    """The counted Reports of one Service, Region and ProblemType in one span of time.

    Attributes:
        minute: the span's first instant, UTC.
        service: slug.
        region: code of exactly this Region, descendants not included; "" for an unknown place.
        problem_type: slug, None for none.
        count: None when masked.
        masked: whether the count is from 1 to 4 and therefore not told.
    """

    minute: datetime
    service: str
    region: str
    problem_type: str | None
    count: int | None
    masked: bool = False


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """A row as `manage.py replay` reads it: all problem types together, never masked."""

    minute: datetime
    service: str
    region: str
    count: int


_MODELS: dict[Step, type[MinuteCount | QuarterCount | HourCount]] = {
    Step.MINUTE: MinuteCount,
    Step.QUARTER: QuarterCount,
    Step.HOUR: HourCount,
}


def days(first: datetime, last: datetime) -> list[tuple[datetime, datetime]]:
    """The UTC days in [first, last), the outer ones cut to it, oldest first.

    >>> from datetime import UTC
    >>> first = datetime(2026, 3, 17, 22, tzinfo=UTC)
    >>> [f"{a:%d %H}-{b:%d %H}" for a, b in days(first, first + timedelta(hours=4))]
    ['17 22-18 00', '18 00-18 02']
    """
    cuts = [first]
    while cuts[-1] < last:
        midnight = cuts[-1].replace(hour=0, minute=0, second=0, microsecond=0)
        cuts.append(min(midnight + timedelta(days=1), last))
    return list(pairwise(cuts))


def rows(step: Step, first: datetime, last: datetime, *, exact: bool = False) -> Iterator[Row]:
    """The counts of [first, last) by time, Service, Region and problem type.

    Opens a transaction until the last row is taken: give it a day at a time.

    Args:
        step: the width of the spans.
        first: aware.
        last: aware.
        exact: whether small counts are told too; for the operator's own use only.
    """
    order = ("start", "service__slug", "region_id", "problem_type__slug")
    for found in _stream(_of(step, first, last).order_by(*order).values_list(*order, "count")):
        yield Row(*found) if exact else mask(*found)


def replay_rows(first: datetime, last: datetime) -> Iterator[ReplayRow]:
    """The Minutes of [first, last) by time, Service and Region; opens a transaction, as `rows`."""
    order = ("start", "service__slug", "region_id")
    grouped = _of(Step.MINUTE, first, last).order_by(*order).values_list(*order)
    for found in _stream(grouped.annotate(total=Sum("count"))):
        yield ReplayRow(*found)


def mask(minute: datetime, service: str, region: str, problem_type: str | None, count: int) -> Row:
    """A row as it may be published: "fewer than 5" in a Region is told, how many is not.

    >>> from datetime import UTC
    >>> instant = datetime(2026, 3, 18, tzinfo=UTC)
    >>> few = mask(instant, "claude", "US-CA", "api", 4)
    >>> few.count, few.masked
    (None, True)
    >>> mask(instant, "claude", "US-CA", "api", 5).count
    5
    """
    masked = bool(region) and count < SMALLEST_SHOWN
    return Row(minute, service, region, problem_type, None if masked else count, masked)


def write(
    form: Format, found: Iterable[Row | ReplayRow], out: IO[bytes], *, kind: type[Row | ReplayRow]
) -> int:
    """Write rows of one kind, `Row` or `ReplayRow`; how many there were."""
    names = [field.name for field in fields(kind)]
    return _WRITERS[form](iter(found), out, names)


def _of(step: Step, first: datetime, last: datetime) -> QuerySet[Any]:
    return _MODELS[step].objects.filter(start__gte=first, start__lt=last)


def _stream(query: QuerySet[Any, Any]) -> Iterator[Any]:
    with transaction.atomic():
        yield from query.iterator(chunk_size=CHUNK_ROWS)


def _write_csv(found: Iterator[Row | ReplayRow], out: IO[bytes], names: Sequence[str]) -> int:
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    values = attrgetter(*names)
    number = 0
    for number, row in enumerate(found, 1):  # noqa: B007 - it is the result
        writer.writerow([_text(value) for value in values(row)])
    text.detach()
    return number


def _text(value: object) -> object:
    """A value in CSV: times in ISO 8601, truth as in JSON, nothing for None."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return str(value).lower() if isinstance(value, bool) else value


def _write_ndjson(found: Iterator[Row | ReplayRow], out: IO[bytes], _: Sequence[str]) -> int:
    encoder = msgspec.json.Encoder()
    number = 0
    for number, row in enumerate(found, 1):  # noqa: B007 - it is the result
        out.write(encoder.encode(row) + b"\n")
    return number


def _write_parquet(found: Iterator[Row | ReplayRow], out: IO[bytes], names: Sequence[str]) -> int:
    schema = pa.schema([(name, _PARQUET_TYPES[name]) for name in names])
    number = 0
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        while group := list(islice(found, PARQUET_GROUP_ROWS)):
            columns = {name: list(map(attrgetter(name), group)) for name in names}
            writer.write_table(pa.table(columns, schema))
            number += len(group)
    return number


_PARQUET_TYPES = {
    "minute": pa.timestamp("s", tz="UTC"),
    "service": pa.string(),
    "region": pa.string(),
    "problem_type": pa.string(),
    "count": pa.int32(),
    "masked": pa.bool_(),
}
_WRITERS: dict[Format, Callable[[Iterator[Row | ReplayRow], IO[bytes], Sequence[str]], int]] = {
    Format.CSV: _write_csv,
    Format.NDJSON: _write_ndjson,
    Format.PARQUET: _write_parquet,
}
