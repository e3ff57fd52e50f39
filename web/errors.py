"""What is shown when something is wrong: a page to people, a problem document to programs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from reports.problems import problem_page

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """400: a request that is not understood."""
    return _answer(request, 400, _("This request makes no sense to us."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """403: a request that is not allowed."""
    return _answer(request, 403, _("This is not allowed."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 - Django's signature
    """404: an address that leads nowhere."""
    return _answer(request, 404, _("There is nothing at this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours. Uses nothing that may be at fault: no database, no cache."""
    return _answer(request, 500, _("Something broke on our side. Please try again in a minute."))


def _answer(request: HttpRequest, status: int, words: str) -> HttpResponse:
    response: HttpResponse
    if API in request.path:
        response = problem_page(request, status, words)
        response.headers["Access-Control-Allow-Origin"] = "*"
    else:
        context = {"status": status, "words": words}
        response = render(request, "web/error.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
