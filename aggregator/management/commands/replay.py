"""``manage.py replay``: the production detector over exported counts, without a database."""

import gzip
import io
import sys
import zlib
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from aggregator.detection import Course
from aggregator.replay import Record, Tuning, replay
from aggregator.replay_files import (
    BadRowError,
    Places,
    instant,
    read_dependencies,
    read_sensitivities,
    to_minute,
)
from reports.geography import regions

_GZIP = b"\x1f\x8b"
LONGEST_LINE: Final = 10_000
DAY: Final = 1440
SHOWN: Final = 5
"""Unknown names that a warning spells out."""

Read = TypeVar("Read")


def first_minute(text: str) -> str:
    """A whole UTC minute as it was written.

    Raises:
        ArgumentTypeError: when it is none.
    """
    try:
        to_minute(text)
    except (ValueError, OverflowError) as error:
        raise ArgumentTypeError(str(error)) from error
    return text


class Command(BaseCommand):
    """Replays counts to Outages."""

    help = "Run the detector over a CSV of counts and write one JSON object per outage."
    requires_system_checks: tuple[str, ...] = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The files, and from when on outages are told."""
        parser.add_argument("--counts", type=Path, required=True, help="CSV, may be gzipped")
        parser.add_argument("--dependencies", type=Path, help="CSV service,depends_on")
        parser.add_argument(
            "--sensitivity",
            type=Path,
            help="CSV from,service,sensitivity, as `manage.py sensitivity` writes it",
        )
        parser.add_argument(
            "--from", dest="since", type=first_minute, help="tell only outages detected since"
        )
        parser.add_argument("--out", type=Path, required=True, help="NDJSON to write")

    def handle(self, *_args: object, **options: object) -> None:
        """Replay, then write the file whole.

        Raises:
            CommandError: when a file cannot be read or written or a row breaks the format.
        """
        counts, out = Path(str(options["counts"])), Path(str(options["out"]))
        since = None if options["since"] is None else str(options["since"])
        links, held = options["dependencies"], options["sensitivity"]
        with _told(counts), _whole(counts, out) as part:
            pairs = _read(Path(str(links)), read_dependencies) if links else ()
            course = _read(Path(str(held)), read_sensitivities) if held else Course()
            zones = {code: region.time_zone for code, region in regions().items()}
            places = Places(zones, pairs)
            records = _replay(counts, places, since, Tuning(course=course))
            part.write_text("".join(record.as_line() for record in records), "utf-8")
        self._warn(places)
        many = "" if len(records) == 1 else "s"
        self.stderr.write(f"{len(records)} outage{many} written to {out}")

    def _warn(self, places: Places) -> None:
        """Say what is odd and yet no fault."""
        regions, slugs = places.unknown_regions(), places.unknown_dependencies()
        if regions:
            self.stderr.write(f"Unknown regions, taken to keep UTC: {_some(regions)}.")
        if slugs:
            self.stderr.write(f"Named by --dependencies and by no row: {_some(slugs)}.")


def _some(names: Sequence[str]) -> str:
    more = len(names) - SHOWN
    return ", ".join(names[:SHOWN]) + (f" and {more} more" if more > 0 else "")


@contextmanager
def _told(counts: Path) -> Iterator[None]:
    """Faults of files and rows as one line for people."""
    try:
        yield
    except BadRowError as error:
        raise CommandError(f"{error.source or counts}, {error}") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise CommandError(f"{counts} is damaged: {error}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{counts} is not UTF-8 text: {error.reason}") from error
    except OSError as error:
        raise CommandError(f"{error.filename or counts}: {error.strerror}") from error


@contextmanager
def _whole(counts: Path, out: Path) -> Iterator[Path]:
    """A file beside `out` that takes its name when all is done.

    It is opened before the work: nobody waits minutes to hear that a folder is missing.

    Raises:
        CommandError: when the counts would be overwritten.
    """
    if out.exists() and counts.exists() and out.samefile(counts):
        message = f"--out would overwrite the counts: {out}"
        raise CommandError(message)
    if out.exists() and not out.is_file():
        # A pipe or a device; there is nothing to swap.
        yield out
        return
    part = out.with_name(f"{out.name}.part")
    try:
        part.touch()
        yield part
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def _replay(counts: Path, places: Places, since: str | None, tuning: Tuning) -> list[Record]:
    with counts.open("rb") as raw, _progress(counts.stat().st_size) as bar:
        task = bar.add_task("replay", total=counts.stat().st_size, at="")
        shown = -1

        def tell(minute: int) -> None:
            nonlocal shown
            if minute // DAY != shown:
                shown = minute // DAY
                bar.update(task, completed=raw.tell(), at=instant(minute)[:10])

        tell_if_seen = None if bar.disable else tell
        return replay(_lines(raw), places, since=since, tuning=tuning, tell=tell_if_seen)


def _lines(raw: io.BufferedReader) -> Iterator[str]:
    """Text lines of a plain or gzipped file.

    Raises:
        BadRowError: on a line too long for any row: it may be as long as memory.
    """
    stream = gzip.GzipFile(fileobj=raw) if raw.peek(2)[:2] == _GZIP else raw
    with io.TextIOWrapper(stream, "utf-8-sig", newline="") as text:
        number = 0
        while line := text.readline(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE and not line.endswith("\n"):
                raise BadRowError(number, f"longer than {LONGEST_LINE:,} characters")
            yield line


def _read(path: Path, read: Callable[[Iterator[str]], Read]) -> Read:
    """A small file beside the counts; its faults name it."""
    with path.open("rb") as raw:
        try:
            return read(_lines(raw))
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
