"""`manage.py make_api_key NAME`: a key for a program, shown once."""

from argparse import ArgumentParser
from datetime import UTC, datetime, timedelta

from django.core.management.base import BaseCommand, CommandError

from reports import access
from reports.models.access import Scope
from reports.trail import Doing


class Command(BaseCommand):
    """Makes a key and prints it."""

    help = "Make a key for a program and print it. It can't be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who holds the key, and what it opens."""
        parser.add_argument("name", help="who will hold it")
        parser.add_argument(
            "--scope",
            action="append",
            choices=Scope.values,
            help="what it opens; may be given twice (default: report)",
        )
        parser.add_argument(
            "--per-minute",
            type=int,
            default=access.PER_MINUTE,
            help="how many requests it may send in a minute (default: %(default)s)",
        )
        parser.add_argument("--days", type=int, help="how long it lasts (default: until revoked)")

    def handle(
        self, *, name: str, scope: list[str] | None, per_minute: int, days: int | None, **_: object
    ) -> None:
        """Print the key alone on standard output, so that it can be piped.

        Raises:
            CommandError: for a rate or a time below one.
        """
        if per_minute < 1 or (days is not None and days < 1):
            message = "--per-minute and --days are 1 or more."
            raise CommandError(message)
        ends = None if days is None else datetime.now(UTC) + timedelta(days=days)
        scopes = scope or [Scope.REPORT]
        wish = access.Wanted(name, tuple(scopes), per_minute, ends)
        doing = Doing(None, "manage.py make_api_key", datetime.now(UTC))
        _holder, key = access.issue(wish, doing)
        self.stdout.write(key)
