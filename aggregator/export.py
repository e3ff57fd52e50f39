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
from aggregator.privacy import shown
from aggregator.steps import HOUR, MINUTE, QUARTER, Step

CHUNK_ROWS = 10_000
PARQUET_GROUP_ROWS = 100_000


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
        count: None when it is too small to be told.
        fewer_than: then the number that it is smaller than, None otherwise.
    """

    minute: datetime
    service: str
    region: str
    problem_type: str | None
    count: int | None
    fewer_than: int | None = None


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """A row as `manage.py replay` reads it: all problem types together, never too small."""

    minute: datetime
    service: str
    region: str
    count: int


_MODELS: dict[Step, type[MinuteCount | QuarterCount | HourCount]] = {
    MINUTE: MinuteCount,
    QUARTER: QuarterCount,
    HOUR: HourCount,
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
        yield Row(*found) if exact else masked(*found)


def replay_rows(first: datetime, last: datetime) -> Iterator[ReplayRow]:
    """The Minutes of [first, last) by time, Service and Region; opens a transaction, as `rows`."""
    order = ("start", "service__slug", "region_id")
    grouped = _of(MINUTE, first, last).order_by(*order).values_list(*order)
    for found in _stream(grouped.annotate(total=Sum("count"))):
        yield ReplayRow(*found)


def masked(
    minute: datetime, service: str, region: str, problem_type: str | None, count: int
) -> Row:
    """A row as it may be published.

    >>> from datetime import UTC
    >>> few = masked(datetime(2026, 3, 18, tzinfo=UTC), "claude", "US-CA", "api", 4)
    >>> few.count, few.fewer_than
    (None, 5)
    """
    told = shown(count, region)
    return Row(minute, service, region, problem_type, told.count, told.fewer_than)


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
    """A value in CSV: times in ISO 8601, nothing for None."""
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value


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
    "fewer_than": pa.int32(),
}
_WRITERS: dict[Format, Callable[[Iterator[Row | ReplayRow], IO[bytes], Sequence[str]], int]] = {
    Format.CSV: _write_csv,
    Format.NDJSON: _write_ndjson,
    Format.PARQUET: _write_parquet,
}
