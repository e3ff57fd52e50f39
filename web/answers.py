"""How machines are answered: open to every origin, cacheable, the same words for everybody."""

from collections.abc import Callable, Mapping
from functools import update_wrapper
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt

from aggregator import freshness

Asked = ParamSpec("Asked")
View = Callable[Concatenate[HttpRequest, Asked], HttpResponse]
JSON = "application/json; charset=utf-8"
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Expose-Headers": "ETag",
    "Access-Control-Max-Age": "86400",
}


def open_to_machines(
    max_age: int,
) -> Callable[[View[Asked]], Callable[Concatenate[HttpRequest, Asked], HttpResponseBase]]:
    """A decorator of views that answer programs: GET, HEAD, OPTIONS; English; CORS; a weak ETag.

    Args:
        max_age: seconds that anybody may keep a good answer.
    """

    def decorate(
        view: View[Asked],
    ) -> Callable[Concatenate[HttpRequest, Asked], HttpResponseBase]:
        def answer(
            request: HttpRequest, *args: Asked.args, **kwargs: Asked.kwargs
        ) -> HttpResponseBase:
            if request.method == "OPTIONS":
                return _open(HttpResponse(status=HTTPStatus.NO_CONTENT))
            if request.method not in {"GET", "HEAD"}:
                return _open(HttpResponseNotAllowed(["GET", "HEAD", "OPTIONS"]))
            # A cache keeps one copy for all, whatever language the first to ask prefers.
            with translation.override("en"):
                response = view(request, *args, **kwargs)
            if response.status_code == HTTPStatus.OK:
                return _open(freshness.public(request, response, max_age))
            response.headers["Cache-Control"] = "no-store"
            return _open(response)

        return csrf_exempt(update_wrapper(answer, view))  # type: ignore[return-value]  # the stubs lose the arguments

    return decorate


def _open(response: HttpResponseBase, headers: Mapping[str, str] = CORS) -> HttpResponseBase:
    for name, value in headers.items():
        response.headers[name] = value
    return response
