"""`manage.py revoke_api_key PREFIX`: end a bulk sender's key."""

from argparse import ArgumentParser
from datetime import UTC, datetime

from django.core.management.base import BaseCommand, CommandError

from reports import access
from reports.trail import Doing


class Command(BaseCommand):
    """Revokes a key."""

    help = "End a bulk sender's key, by its first eight characters."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which key."""
        parser.add_argument("prefix", help="the key's first eight characters")

    def handle(self, *_: object, prefix: str, **__: object) -> None:
        """Say whether there was such a key."""
        doing = Doing(None, "manage.py revoke_api_key", datetime.now(UTC))
        if not access.revoke(prefix, doing):
            message = f"No key in force starts with {prefix}."
            raise CommandError(message)
        self.stdout.write("Revoked.")
