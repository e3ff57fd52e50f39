"""Made worlds on disk, in the format that ``manage.py replay`` reads."""

from __future__ import annotations

import gzip
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TextIO, cast

from benchmarks.detection.truth import write_truth

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmarks.detection.truth import Truth
    from benchmarks.detection.worlds.world import World

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_instant(minute: int) -> datetime:
    """The aware UTC instant at which ``minute`` (since the epoch) begins."""
    return _EPOCH + timedelta(minutes=minute)


def to_minute(text: str) -> int:
    """Minutes since the epoch of an ISO 8601 instant.

    >>> to_minute("1970-01-02T00:01:30Z")
    1441
    """
    return int((datetime.fromisoformat(text) - _EPOCH) / timedelta(minutes=1))


def iso(minute: int) -> str:
    """ISO 8601 in UTC of ``minute``.

    >>> iso(1441)
    '1970-01-02T00:01:00Z'
    """
    return f"{to_instant(minute):%Y-%m-%dT%H:%M:%SZ}"


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    if path.suffix == ".gz":
        with gzip.open(path, "wt", compresslevel=1, encoding="utf-8", newline="") as file:
            yield cast("TextIO", file)
    else:
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file


def write_counts(world: World, path: Path) -> int:
    """Write ``minute,service,region,count``, by minute; gzipped if the name ends so.

    Returns:
        The number of rows.
    """
    slugs = [service.slug for service in world.truth.services]
    middles = [[f",{slug},{code}," for code in world.codes] for slug in slugs]
    written = 0
    with _opened(path) as file:
        file.write("minute,service,region,count\n")
        for minute, service, region, count in world.days():
            first = int(minute[0]) if minute.size else 0
            last = int(minute[-1]) if minute.size else -1
            stamps = [iso(world.truth.start + m) for m in range(first, last + 1)]
            lines = [
                f"{stamps[m - first]}{middles[s][r]}{c}\n"
                for m, s, r, c in zip(
                    minute.tolist(), service.tolist(), region.tolist(), count.tolist(), strict=True
                )
            ]
            file.writelines(lines)
            written += len(lines)
    return written


def write_dependencies(truth: Truth, path: Path) -> None:
    """Write ``service,depends_on``: who depends on whom."""
    lines = [f"{s.slug},{s.depends_on}\n" for s in truth.services if s.depends_on]
    path.write_text("service,depends_on\n" + "".join(lines), encoding="utf-8")


def write_world(world: World, directory: Path) -> int:
    """Write ``counts.csv.gz``, ``dependencies.csv`` and ``truth.json`` into ``directory``.

    Returns:
        The number of rows of counts.
    """
    directory.mkdir(parents=True, exist_ok=True)
    write_truth(world.truth, directory / "truth.json")
    write_dependencies(world.truth, directory / "dependencies.csv")
    return write_counts(world, directory / "counts.csv.gz")
