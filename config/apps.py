"""The roof as a Django app: it registers the system checks."""

from django.apps import AppConfig
from django.core.checks import Tags, register

from config.celery import app as celery_app
from config.checks import check_safe_settings


class ConfigConfig(AppConfig):
    """Registers the checks of unsafe settings."""

    name = "config"
    verbose_name = "Configuration"
    # Held here so that every process knows the tasks by the one application they belong to.
    celery = celery_app

    def ready(self) -> None:
        """Register the checks with Django."""
        register(check_safe_settings, Tags.security, deploy=True)
