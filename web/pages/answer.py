"""How a page is answered."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from aggregator import freshness

SHORT_SECONDS = 10
LONG_SECONDS = 300


def page(
    request: HttpRequest,
    template: str,
    context: Mapping[str, object],
    *,
    max_age: int = SHORT_SECONDS,
) -> HttpResponseBase:
    """A page that caches may keep for `max_age` seconds, or 304 when the asker has it."""
    return freshness.public(request, render(request, template, dict(context)), max_age)


def private_page(
    request: HttpRequest, template: str, context: Mapping[str, object], status: int
) -> HttpResponse:
    """A page for this one request, which nobody keeps."""
    response = render(request, template, dict(context), status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
