"""`manage.py make_api_key NAME`: a key for a bulk sender, shown once."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand

from reports import access


class Command(BaseCommand):
    """Makes a key and prints it."""

    help = "Make a key for a bulk sender and print it. It can't be shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who holds the key."""
        parser.add_argument("name", help="who will hold it")

    def handle(self, *_: object, name: str, **__: object) -> None:
        """Print the key alone on standard output, so that it can be piped."""
        self.stdout.write(access.make_key(name))
