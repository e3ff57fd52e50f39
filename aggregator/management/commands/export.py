"""`manage.py export`: the counts as a file, to study or to replay."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import track

from aggregator import export
from aggregator.export import Format, ReplayRow, Row
from aggregator.steps import MINUTE, STEPS


def instant(text: str) -> datetime:
    """A day or time in ISO 8601; UTC unless it says otherwise.

    >>> instant("2026-03-18")
    datetime.datetime(2026, 3, 18, 0, 0, tzinfo=datetime.timezone.utc)

    Raises:
        ArgumentTypeError: when it is neither.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is no day or time like 2026-03-18T14:00Z") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


class Command(BaseCommand):
    """Streams counts to a file or standard output."""

    help = (
        "Writes counts: minute, service, region, problem_type, count, fewer_than. A count below 5 "
        "in a region is left empty and fewer_than is 5, so that the file may be published."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command's options."""
        parser.add_argument("--from", dest="first", type=instant, required=True, metavar="TIME")
        parser.add_argument("--to", dest="last", type=instant, required=True, metavar="TIME")
        parser.add_argument("--format", type=Format, choices=list(Format), default=Format.CSV)
        parser.add_argument("--step", choices=[step.name for step in STEPS], default=MINUTE.name)
        parser.add_argument("--out", type=Path, metavar="FILE", help="standard output if not given")
        kind = parser.add_mutually_exclusive_group()
        kind.add_argument(
            "--exact", action="store_true", help="small counts too; not to be published"
        )
        kind.add_argument(
            "--replay",
            action="store_true",
            help="minute, service, region, count as `replay` reads them; not to be published",
        )

    def handle(self, **options: Any) -> None:
        """Run the command.

        Raises:
            CommandError: when the options contradict each other.
        """
        wanted = Wanted(**{name: options[name] for name in Wanted.__slots__})
        fault = wanted.fault()
        if fault:
            raise CommandError(fault)
        with _opened(wanted.out) as out:
            number = export.write(wanted.format, wanted.rows(), out, kind=wanted.kind)
        if wanted.out:
            self.stderr.write(f"{number} rows in {wanted.out}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """The command's options."""

    first: datetime
    last: datetime
    format: Format
    step: str
    out: Path | None
    exact: bool
    replay: bool

    @property
    def kind(self) -> type[Row | ReplayRow]:
        """What is written."""
        return ReplayRow if self.replay else Row

    def fault(self) -> str:
        """What is wrong with the options; "" when nothing is."""
        if self.first >= self.last:
            return "--from is not before --to."
        if self.replay and (self.format, self.step) != (Format.CSV, MINUTE.name):
            return "--replay is minutes in CSV."
        return ""

    def rows(self) -> Iterator[Row | ReplayRow]:
        """The rows, day by day, with a progress bar at a terminal."""
        console = Console(stderr=True)
        shown = self.out and console.is_terminal
        days = export.days(self.first, self.last)
        for day in track(days, "Exporting", console=console, transient=True, disable=not shown):
            yield from self._day(*day)

    def _day(self, first: datetime, last: datetime) -> Iterator[Row | ReplayRow]:
        if self.replay:
            return export.replay_rows(first, last)
        step = next(step for step in STEPS if step.name == self.step)
        return export.rows(step, first, last, exact=self.exact)


@contextmanager
def _opened(path: Path | None) -> Iterator[IO[bytes]]:
    """Standard output, or a file that takes its name only when all of it is written."""
    if path is None:
        yield sys.stdout.buffer
        return
    part = path.with_name(f"{path.name}.part")
    try:
        with part.open("wb") as out:
            yield out
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
