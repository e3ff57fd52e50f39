"""What is shown when something is wrong: a page to people, a problem document to programs."""

from collections.abc import Callable

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from reports.problems import problem_page

API = "/api/"
RETRY_SECONDS = 10

Answer = Callable[[HttpRequest], HttpResponse]
log = structlog.get_logger(__name__)


class DatabaseAway:
    """Middleware: while the database does not answer we are unavailable (503), not broken (500)."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """503 for what a lost connection, or none, led to."""
        if not isinstance(exception, OperationalError | InterfaceError):
            return None
        log.warning("database.away", error=type(exception).__name__)
        response = _answer(request, 503, _("We can't read our numbers now. Try again in a minute."))
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response


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
