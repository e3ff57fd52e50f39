"""Who tries the door of the back office, without keeping an address."""

from datetime import UTC, datetime
from ipaddress import IPv6Address

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from reports import clients, daily_keys

# The first byte of a unique local address (RFC 4193): no network of anybody's.
_LOCAL = b"\xfd"


def network_of(request: HttpRequest) -> str:
    """A name for the sender's network that django-axes can store in a column for addresses.

    It is the day's keyed hash of the network (IPv4 /24, IPv6 /48), written as a unique local IPv6
    address; once the day's key is gone, nobody can turn it back.
    """
    address = clients.client_address(request.META, settings.ENV.trusted_proxies)
    network = daily_keys.at(datetime.now(UTC)).of_address(address).network
    return str(IPv6Address(_LOCAL + network[:15]))


def locked(request: HttpRequest, *_: object) -> HttpResponse:
    """The answer to somebody who failed too often: when to come back."""
    context = {
        **admin.site.each_context(request),
        "minutes": int(settings.AXES_COOLOFF_TIME.total_seconds() // 60),
        "title": "",
    }
    response = render(request, "admin/locked.html", context, status=429)
    response.headers["Retry-After"] = str(int(settings.AXES_COOLOFF_TIME.total_seconds()))
    return response
