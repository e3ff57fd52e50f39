"""`manage.py recount`: prove that the counts are right, or put them right."""

from argparse import ArgumentParser
from collections.abc import Iterable
from datetime import date

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import track

from aggregator import recount, rollups
from aggregator.rollups import Difference

SHOWN = 50


class Command(BaseCommand):
    """Compares the counts with the Reports they count, and repairs them."""

    help = (
        "Sets the counts of every day that still has its reports to what these say, and the "
        "quarter-hours and hours to what the minutes say. Everything else may go on meanwhile."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The command's options."""
        parser.add_argument(
            "--check", action="store_true", help="change nothing; exit 1 if something differs"
        )
        parser.add_argument("--from", dest="first", type=date.fromisoformat, default=date.min)
        parser.add_argument("--to", dest="last", type=date.fromisoformat, default=date.max)

    def handle(self, *, check: bool, first: date, last: date, **_options: object) -> None:
        """Run the command.

        Raises:
            CommandError: with `--check`, when something differs (exit status 1).
        """
        if first > last:
            raise CommandError("--from is after --to.")
        if check:
            self._check(first, last)
        else:
            self._repair(first, last)

    def _check(self, first: date, last: date) -> None:
        number, room = 0, SHOWN
        try:
            with recount.snapshot() as mark:
                strangers = recount.strangers()
                days = recount.days(first, last)
                for day in _shown("Checking", days):
                    result = recount.check_day(day, mark, room)
                    number += result.number
                    for difference in result.differences[:room]:
                        self.stdout.write(_line(difference))
                        room -= 1
        except recount.NothingCountedError as error:
            raise CommandError("Nothing was counted in this database cluster yet.") from error
        if strangers:
            self.stdout.write(f"{strangers} reports were copied in from another cluster.")
        if number or strangers:
            raise CommandError(f"{number} counts differ. `manage.py recount` puts them right.")
        self.stdout.write(f"All counts are right: {len(days)} days.")

    def _repair(self, first: date, last: date) -> None:
        rollups.follow_reports()
        recount.adopt_strangers()
        days = recount.days(first, last)
        repaired = sum(recount.repair_day(day).rows for day in _shown("Recounting", days))
        self.stdout.write(f"{repaired} counts put right in {len(days)} days.")


def _shown(title: str, days: list[date]) -> Iterable[date]:
    """The same days, with a progress bar at a terminal."""
    console = Console(stderr=True)
    return track(days, title, console=console, transient=True, disable=not console.is_terminal)


def _line(found: Difference) -> str:
    series = f"{found.service} {found.region or '(no place)'} {found.problem_type or '(no type)'}"
    return f"{found.start:%Y-%m-%dT%H:%MZ} {found.step:>3} {series}: {found.kept}, not {found.true}"
