"""The reports room as a Django app."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Catalogue, regions and reports."""

    name = "reports"
    verbose_name = "Reports"
