"""Unsafe settings are told by number."""

import dataclasses

from django.conf import settings as current
from pytest_django.fixtures import Settings

from config.checks import check_safe_settings


def test_webhooks_to_inside_are_told(settings: Settings) -> None:
    safe = dataclasses.replace(current.ENV, webhook_allow_private=False)
    settings.ENV = safe
    quiet = {message.id for message in check_safe_settings()}
    settings.ENV = dataclasses.replace(safe, webhook_allow_private=True)
    assert {message.id for message in check_safe_settings()} - quiet == {"outcry.W004"}
