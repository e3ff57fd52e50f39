"""The roof as a Django app: it registers the system checks; and Django's admin as our office."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.core.checks import Tags, register

from config.celery import app as celery_app
from config.checks import check_safe_settings


class ConfigConfig(AppConfig):
    """Registers the checks of unsafe settings."""

    name = "config"
    default = True
    verbose_name = "Configuration"
    # Held here so that every process knows the tasks by the one application they belong to.
    celery = celery_app

    def ready(self) -> None:
        """Register the checks with Django."""
        register(check_safe_settings, Tags.security, deploy=True)


class OfficeConfig(admin_apps.AdminConfig):
    """Django's admin, with the site of `config.office` in place of its own."""

    default = False
    default_site = "config.office.OfficeSite"
