"""`manage.py prepare`: brings the database up to date before a start."""

import argparse

from django.core.management.base import BaseCommand

from config import preparation


class Command(BaseCommand):
    """Migrate, load Regions and catalogue, make partitions ahead."""

    help = "Brings the database up to date; safe to run at any time, on several hosts at once."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """The demo's simulated past is asked for, never a default."""
        parser.add_argument("--demo", action="store_true", help="write a simulated past, once")

    def handle(self, *_args: object, demo: bool, **_options: object) -> None:
        """Do it all, one process at a time."""
        preparation.prepare_database()
        if demo:
            preparation.prepare_demo()
