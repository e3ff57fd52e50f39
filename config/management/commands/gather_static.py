"""`manage.py gather_static`: the static files under names that browsers may keep for ever."""

from django.core.management.base import BaseCommand

from config import preparation


class Command(BaseCommand):
    """Gather them, unless none has changed since the last time."""

    help = "Gathers the static files of all rooms; needs no database."

    def handle(self, *_args: object, **_options: object) -> None:
        """Gather them."""
        preparation.gather_static_files()
