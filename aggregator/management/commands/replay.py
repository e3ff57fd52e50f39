"""``manage.py replay``: the production detector over exported counts, without a database."""

import gzip
import io
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from aggregator.replay import BadRowError, Places, Record, instant, read_dependencies, replay
from reports.geography import regions

_GZIP = b"\x1f\x8b"


class Command(BaseCommand):
    """Replays counts to Outages."""

    help = "Run the detector over a CSV of counts and write one JSON object per outage."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The files, and from when on outages are told."""
        parser.add_argument("--counts", type=Path, required=True, help="CSV, may be gzipped")
        parser.add_argument("--dependencies", type=Path, help="CSV service,depends_on")
        parser.add_argument("--from", dest="since", help="tell only outages detected from here on")
        parser.add_argument("--out", type=Path, required=True, help="NDJSON to write")

    def handle(self, *_args: object, **options: object) -> None:
        """Replay, then write the file whole.

        Raises:
            CommandError: when a file cannot be read or written or a row breaks the format.
        """
        counts, out = Path(str(options["counts"])), Path(str(options["out"]))
        since = None if options["since"] is None else str(options["since"])
        dependencies = options["dependencies"]
        try:
            pairs = () if dependencies is None else _read_pairs(Path(str(dependencies)))
            zones = {code: region.time_zone for code, region in regions().items()}
            records = _replay(counts, Places(zones, pairs), since)
            out.write_text("".join(record.as_line() for record in records), "utf-8")
        except BadRowError as error:
            raise CommandError(f"{error.source or counts}, {error}") from error
        except (OSError, EOFError, UnicodeDecodeError, ValueError) as error:
            raise CommandError(str(error)) from error
        self.stderr.write(f"{len(records)} outages written to {out}")


def _replay(counts: Path, places: Places, since: str | None) -> list[Record]:
    with counts.open("rb") as raw, _progress(counts.stat().st_size) as bar:
        task = bar.add_task("replay", total=counts.stat().st_size, at="")

        def tell(minute: int) -> None:
            if minute % 1440 == 0:
                bar.update(task, completed=raw.tell(), at=instant(minute)[:10])

        return replay(_lines(raw), places, since=since, tell=tell)


def _lines(raw: BinaryIO) -> Iterator[str]:
    """Text lines of a plain or gzipped file."""
    start = raw.read(2)
    raw.seek(0)
    stream = gzip.GzipFile(fileobj=raw) if start == _GZIP else raw
    with io.TextIOWrapper(stream, "utf-8-sig", newline="") as text:
        yield from text


def _read_pairs(path: Path) -> tuple[tuple[str, str], ...]:
    with path.open("rb") as raw:
        try:
            return read_dependencies(_lines(raw))
        except BadRowError as error:
            error.source = str(path)
            raise


@contextmanager
def _progress(size: int) -> Iterator[Progress]:
    """A bar on a terminal, silence elsewhere."""
    columns = (
        TextColumn("{task.description} {task.fields[at]}"),
        BarColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, disable=not sys.stderr.isatty() or not size) as bar:
        yield bar
