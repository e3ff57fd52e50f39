"""The daily files of counts: which there are, and what they were before they were corrected."""

from collections.abc import Iterable
from datetime import date

import msgspec

from aggregator.export import Format
from aggregator.models import OpenDay, OpenFile
from aggregator.open_data import SUFFIX
from aggregator.selectors.values import Instant


class FileEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A day in one form: its address, SHA-256 (hexadecimal) and bytes."""

    form: str
    url: str
    sha256: str
    bytes: int


class Former(msgspec.Struct, frozen=True, kw_only=True):
    """A revision that was corrected: the checksums its files had, by form."""

    revision: int
    published_at: Instant
    sha256: dict[str, str]


class DayEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A UTC day; a `revision` above 1 corrects those in `former`."""

    day: date
    revision: int
    published_at: Instant
    rows: int
    files: list[FileEntry]
    former: list[Former]


def days(site_url: str) -> list[DayEntry]:
    """All days there are files of, the latest first (two queries)."""
    found: dict[date, list[OpenDay]] = {}
    files = OpenFile.objects.defer("content").order_by("form")
    for row in OpenDay.objects.all():
        found.setdefault(row.day, []).append(row)
    by_day: dict[int, list[OpenFile]] = {}
    for one in files:
        by_day.setdefault(one.day_id, []).append(one)
    return [_entry(rows, by_day, site_url) for rows in found.values()]


def content(day: date, form: Format) -> tuple[bytes, str] | None:
    """A day's file and its SHA-256; None when there is none (one query)."""
    row = OpenFile.objects.filter(day__day=day, form=form, content__isnull=False).first()
    return (bytes(row.content or b""), row.sha256) if row else None


def file_name(day: date, form: Format) -> str:
    """What a file is called.

    >>> file_name(date(2026, 3, 18), Format.CSV)
    'outcry-2026-03-18.csv.gz'
    """
    return f"outcry-{day.isoformat()}.{SUFFIX[form]}"


def _entry(rows: list[OpenDay], files: dict[int, list[OpenFile]], site_url: str) -> DayEntry:
    latest, *before = rows
    return DayEntry(
        day=latest.day,
        revision=latest.revision,
        published_at=latest.made_at,
        rows=latest.rows,
        files=[
            FileEntry(
                form=one.form,
                url=f"{site_url}/data/{file_name(latest.day, Format(one.form))}",
                sha256=one.sha256,
                bytes=one.size,
            )
            for one in files.get(latest.pk, [])
        ],
        former=[
            Former(
                revision=row.revision,
                published_at=row.made_at,
                sha256=_sums(files.get(row.pk, [])),
            )
            for row in before
        ],
    )


def _sums(files: Iterable[OpenFile]) -> dict[str, str]:
    return {one.form: one.sha256 for one in files}
