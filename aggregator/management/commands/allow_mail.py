"""`manage.py allow_mail ADDRESS`: take back that an address wants no mail, at its owner's word."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from aggregator import refusals


class Command(BaseCommand):
    """Lets an address be subscribed again."""

    help = "Takes back that a mail address wants nothing from this site, at its owner's word."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The address."""
        parser.add_argument("address", help="as its owner writes it")

    def handle(self, *_args: object, address: str, **_options: object) -> None:
        """Take it back.

        Raises:
            CommandError: when the address never refused.
        """
        if not refusals.allow(address):
            raise CommandError("This address has refused nothing.")
        self.stdout.write("It may be subscribed again; nothing was subscribed for it.")
