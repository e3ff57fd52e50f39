"""Made worlds on disk, in the format that ``manage.py replay`` reads."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

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


def count_lines(world: World) -> Iterator[str]:
    """The counts as lines ``minute,service,region,count``, header first, by minute."""
    middles = [[f",{s.slug},{code}," for code in world.codes] for s in world.truth.services]
    yield "minute,service,region,count\n"
    for minute, service, region, count in world.days():
        if minute.size:
            first = int(minute[0])
            stamps = [iso(world.truth.start + m) for m in range(first, int(minute[-1]) + 1)]
            columns = (minute - first, service, region, count)
            for m, s, r, c in zip(*(column.tolist() for column in columns), strict=True):
                yield f"{stamps[m]}{middles[s][r]}{c}\n"


def write_dependencies(truth: Truth, path: Path) -> None:
    """Write ``service,depends_on``: who depends on whom."""
    lines = [f"{s.slug},{s.depends_on}\n" for s in truth.services if s.depends_on]
    path.write_text("service,depends_on\n" + "".join(lines), encoding="utf-8")


def write_world(world: World, directory: Path) -> None:
    """Write ``counts.csv.gz``, ``dependencies.csv`` and ``truth.json`` into ``directory``."""
    directory.mkdir(parents=True, exist_ok=True)
    write_truth(world.truth, directory / "truth.json")
    write_dependencies(world.truth, directory / "dependencies.csv")
    path = directory / "counts.csv.gz"
    with gzip.open(path, "wt", compresslevel=1, encoding="utf-8", newline="") as file:
        file.writelines(count_lines(world))
