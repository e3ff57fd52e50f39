"""The aggregator room as a Django app."""

from django.apps import AppConfig


class AggregatorConfig(AppConfig):
    """Counts, outages and alerts."""

    name = "aggregator"
    verbose_name = "Aggregator"

    def ready(self) -> None:
        """Have this room's acts undone from where all acts are."""
        # The verbs need the tables, which are there from here on.
        from aggregator.acts import UNDO  # noqa: PLC0415 - see above
        from reports import undoing  # noqa: PLC0415 - see above

        undoing.teach(UNDO)
