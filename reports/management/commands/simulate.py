"""`manage.py simulate SCENARIO --url URL`: plays a crowd against a running server."""

import argparse
import itertools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from reports.simulation import crowd, player, scenarios
from reports.simulation.crowd import Voice
from reports.simulation.scenarios import Scenario

HIGHEST_SPEED = 1000.0
# A scenario without an end is played for a week.
LONGEST_MINUTES = 7 * 24 * 60


class Command(BaseCommand):
    """Read the scenario, make the crowd, play it, tell what came back."""

    help = "Plays a made-up crowd against a running server, through the public API."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The scenario, the server, and how fast."""
        parser.add_argument("scenario", help=f"one of: {', '.join(scenarios.known())}")
        parser.add_argument("--url", required=True, help="the server's root")
        parser.add_argument(
            "--speed",
            type=float,
            default=1.0,
            help="how many of the scenario's minutes pass in one minute (1)",
        )
        parser.add_argument("--seed", type=int, default=1, help="another one: another crowd (1)")
        parser.add_argument("--quiet", action="store_true", help="no progress bar, no summary")
        parser.add_argument(
            "--yes-i-run-this-server",
            action="store_true",
            help="allow a server that is not on this machine",
        )

    def handle(
        self,
        *_args: object,
        scenario: str,
        url: str,
        speed: float,
        seed: int,
        quiet: bool,
        **options: object,
    ) -> None:
        """Play it; Ctrl-C ends it with the summary so far."""
        if not 0 < speed <= HIGHEST_SPEED:
            message = f"--speed must be above 0 and at most {HIGHEST_SPEED:g}."
            raise CommandError(message)
        if not (options["yes_i_run_this_server"] or player.is_this_machine(url)):
            message = (
                f"{url} is not on this machine. A crowd against somebody else's server is an "
                "attack; if it is yours, add --yes-i-run-this-server."
            )
            raise CommandError(message)
        try:
            told = scenarios.load(scenario)
        except scenarios.ScenarioError as error:
            raise CommandError(str(error)) from error
        start = datetime.now(UTC)
        voices = _bounded(crowd.voices(told, start, seed))
        tally = player.Tally()
        try:
            with _progress(told, start, quiet=quiet) as progress:
                player.play(voices, url, speed=speed, tally=tally, progress=progress)
        except player.PlayerError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self._summary(tally, quiet=quiet)
            sys.exit(130)
        self._summary(tally, quiet=quiet)

    def _summary(self, tally: player.Tally, *, quiet: bool) -> None:
        if not quiet:
            for line in tally.lines():
                self.stdout.write(line)


def _bounded(voices: Iterator[Voice]) -> Iterator[Voice]:
    return itertools.takewhile(lambda voice: voice.minute < LONGEST_MINUTES, voices)


@contextmanager
def _progress(told: Scenario, start: datetime, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    """A bar at a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    with Progress(console=console, disable=quiet or not console.is_terminal) as bar:
        total = None if told.minutes is None else crowd.expected(told, start)
        task = bar.add_task(told.title, total=total)
        yield lambda played: bar.update(task, completed=played)
