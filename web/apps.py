"""The web room as a Django app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages and formats; it has no tables."""

    name = "web"
    verbose_name = "Web"
