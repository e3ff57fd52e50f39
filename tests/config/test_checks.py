"""Unsafe settings are told by number."""

import dataclasses
from ipaddress import ip_network

from django.conf import settings as current
from pytest_django.fixtures import Settings

from config.checks import check_safe_settings


def test_webhooks_to_everywhere_inside_are_told(settings: Settings) -> None:
    some, every = ip_network("127.0.0.0/8"), ip_network("0.0.0.0/0")
    settings.ENV = dataclasses.replace(current.ENV, webhook_allowed_networks=(some,))
    quiet = {message.id for message in check_safe_settings()}
    settings.ENV = dataclasses.replace(current.ENV, webhook_allowed_networks=(some, every))
    assert {message.id for message in check_safe_settings()} - quiet == {"outcry.W004"}
