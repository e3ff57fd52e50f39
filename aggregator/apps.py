"""The aggregator room as a Django app."""

from django.apps import AppConfig


class AggregatorConfig(AppConfig):
    """Counts, outages and alerts."""

    name = "aggregator"
    verbose_name = "Aggregator"
