"""Fixtures of the tests of official status."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.conf import settings
from django.test.utils import override_settings

from aggregator.official.fetch import Fetcher
from reports.models import Service
from tests.vendor import VendorPage, vendor_page


@pytest.fixture
def vendor() -> Iterator[VendorPage]:
    """A vendor's status page on a real server."""
    with vendor_page() as page:
        yield page


@pytest.fixture
def polled(vendor: VendorPage) -> Iterator[Service]:
    """A Service whose vendor's page is polled every minute."""
    with override_settings(ENV=replace(settings.ENV, official_interval_seconds=60)):
        service = Service.objects.get(slug="claude")
        service.official_url, service.official_kind = vendor.url, "statuspage"
        service.save()
        yield service
        Service.objects.filter(pk=service.pk).update(official_url="", official_kind="")


@pytest.fixture
def fetcher() -> Fetcher:
    """One that may call this machine."""
    return Fetcher(allow_private=True)
