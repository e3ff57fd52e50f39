"""The one shape of an error: RFC 9457 problem details, for the whole API."""

from collections.abc import Mapping
from http import HTTPStatus

from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response

MEDIA_TYPE = "application/problem+json"


def problem_body(status: int, title: str, detail: object = None) -> dict[str, object]:
    """The members of a problem document.

    Args:
        status: the HTTP status.
        title: what is wrong, the same words for the same kind of problem.
        detail: this occurrence in a sentence, or a mapping of field to messages.

    >>> problem_body(404, "Not found")
    {'type': 'about:blank', 'title': 'Not found', 'status': 404}
    """
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status}
    if isinstance(detail, Mapping):
        body["errors"] = detail
        body["detail"] = " ".join(f"{field}: {_first(text)}" for field, text in detail.items())
    elif detail:
        body["detail"] = _first(detail)
    return body


def _first(value: object) -> str:
    while isinstance(value, list) and value:
        value = value[0]
    return str(value)


def problem_response(error: Exception, _context: object) -> Response | None:
    """DRF's exception handler: the problem document for an API exception, None for a bug."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    if not isinstance(error, exceptions.APIException):
        return None
    # The title of "about:blank" is the status in words (RFC 9457 §4.2.1).
    title = HTTPStatus(error.status_code).phrase
    body = problem_body(error.status_code, title, error.detail)
    response = Response(body, status=error.status_code, content_type=MEDIA_TYPE)
    wait: float | None = getattr(error, "wait", None)
    if wait is not None:
        response["Retry-After"] = str(max(1, round(wait)))
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        response["WWW-Authenticate"] = "Bearer"
    return response


def problem_page(_request: HttpRequest, status: int, title: str, detail: str = "") -> JsonResponse:
    """The same document outside of DRF, for an address that no view answers."""
    return JsonResponse(problem_body(status, title, detail), status=status, content_type=MEDIA_TYPE)
