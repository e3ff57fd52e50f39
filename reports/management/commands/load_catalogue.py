"""`manage.py load_catalogue [FILE]`: services, problem types and dependencies out of a file."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from reports import catalogue, catalogue_file


class Command(BaseCommand):
    """Makes the catalogue the same as a file's; safe to repeat."""

    help = "Make the catalogue the same as a YAML file. What is not listed is retired."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, and whether a catalogue that is already there stays."""
        parser.add_argument(
            "file",
            nargs="?",
            type=Path,
            default=catalogue_file.SHIPPED,
            metavar="FILE",
            help="a catalogue in YAML (default: the one that ships, which describes the format)",
        )
        parser.add_argument(
            "--if-none", action="store_true", help="only into a database without any service"
        )

    def handle(self, *, file: Path, if_none: bool, **_options: object) -> None:
        """Load it and say what changed.

        Raises:
            CommandError: when the file cannot be read or has faults, with all of them.
        """
        try:
            listed = catalogue_file.read(file)
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}") from error
        except catalogue_file.CatalogueFileError as error:
            raise CommandError(f"nothing was loaded:\n{error}") from error
        summary = (catalogue.load_first if if_none else catalogue.load)(listed)
        self.stdout.write(
            f"Catalogue: {summary.added} added, {summary.changed} changed, "
            f"{summary.retired} retired."
            if summary
            else "Catalogue: left as it is."
        )
