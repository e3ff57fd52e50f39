"""`manage.py load_regions`: the fixed tree of Regions into the database."""

from django.core.management.base import BaseCommand

from reports.regions import load_regions


class Command(BaseCommand):
    """Brings the Regions up to date; safe to repeat."""

    help = "Bring countries and subdivisions up to date. Safe to repeat."

    def handle(self, **_options: object) -> None:
        """Load them and say how many were new."""
        written = load_regions()
        self.stdout.write(f"Regions: {written} new or changed.")
