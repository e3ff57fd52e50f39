"""What every read of the API does alike: questions checked, answers cacheable, CORS open."""

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec
from django.conf import settings
from django.db.models import Model, QuerySet
from django.http.response import HttpResponseBase
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from aggregator import freshness
from aggregator.api.shapes import Listing, Paged
from aggregator.selectors.pages import BadCursorError, Cursor, Order, Page, cut, read_cursor
from reports import clients

Question = TypeVar("Question", bound=msgspec.Struct)
Row = TypeVar("Row", bound=Model)
Entry = TypeVar("Entry")
CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "*",
    "Access-Control-Expose-Headers": "ETag, Retry-After",
    "Access-Control-Max-Age": "86400",
}
UNKNOWN = "Object contains unknown field `"


class FrozenRenderer(BaseRenderer):
    """JSON of the selectors' frozen values."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: object, _media_type: str | None = None, _context: object = None
    ) -> bytes:
        """The JSON; what it does not know, like DRF's error strings, by its text."""
        return msgspec.json.encode(data, enc_hook=str)


class ReadView(APIView):
    """Base of all reads.

    Attributes:
        max_age: seconds an answer may be kept by anybody.
    """

    http_method_names = ["get", "head", "options"]
    renderer_classes = [FrozenRenderer]
    max_age = 10

    def finalize_response(
        self, request: Request, response: Response, *args: object, **kwargs: object
    ) -> Response:
        """The response with CORS for everybody, and its freshness when it is a good answer."""
        final = super().finalize_response(request, response, *args, **kwargs)
        _open_to_all(final)
        if final.status_code >= HTTPStatus.BAD_REQUEST:
            final.headers["Cache-Control"] = "no-store"
        elif request.method != "OPTIONS":
            final.add_post_render_callback(
                lambda rendered: _open_to_all(freshness.public(request, rendered, self.max_age))
            )
        return final


def question(request: Request, shape: type[Question]) -> Question:
    """The query parameters as one frozen value.

    Raises:
        ValidationError: for an unknown or repeated parameter, or a bad value, by its name.
    """
    asked = request.query_params
    if repeated := [name for name, values in asked.lists() if len(values) > 1]:
        raise ValidationError({repeated[0]: "Given more than once."})
    try:
        return msgspec.convert(asked.dict(), shape, strict=False)
    except msgspec.ValidationError as error:
        raise ValidationError(_by_parameter(str(error))) from error


def listing(
    request: Request,
    rows: QuerySet[Row],
    order: Order,
    paged: Paged,
    entries: Callable[[list[Row]], list[Entry]],
) -> Response:
    """One page of a list as JSON.

    Args:
        request: its address leads to the neighbouring pages.
        rows: the whole list.
        order: a total order of it.
        paged: which page.
        entries: turns the page's rows into what is shown.

    Raises:
        ValidationError: when the cursor is not one of this list.
    """
    try:
        cursor = read_cursor(paged.cursor, order) if paged.cursor else None
    except BadCursorError as error:
        raise ValidationError({"cursor": str(error)}) from error
    page: Page[Entry] = cut(rows, order, paged.page_size, cursor).map(entries)
    return Response(
        Listing(
            next=_address(request, page.next),
            previous=_address(request, page.previous),
            results=page.items,
        )
    )


def _open_to_all(response: HttpResponseBase) -> HttpResponseBase:
    for name, value in CORS.items():
        response.headers[name] = value
    return response


def _address(request: Request, cursor: Cursor | None) -> str | None:
    """The same question at another cursor."""
    if cursor is None:
        return None
    parameters = {**request.query_params.dict(), "cursor": cursor.text()}
    return f"{_origin(request)}{request.path}?{urlencode(parameters)}"


def _origin(request: Request) -> str:
    """Scheme and host as the asker sees them; a proxy that ends TLS asks us without it."""
    site, host = urlsplit(settings.ENV.site_url), request.get_host()
    if host == site.netloc:
        return f"{site.scheme}://{host}"
    return f"{clients.scheme(request.META, settings.ENV.trusted_proxies)}://{host}"


def _by_parameter(message: str) -> dict[str, str]:
    """What msgspec says, by the parameter it is about.

    >>> _by_parameter("Expected `int` <= 100 - at `$.page_size`")
    {'page_size': 'Expected `int` <= 100'}
    >>> _by_parameter("Object contains unknown field `colour`")
    {'colour': 'There is no such parameter.'}
    """
    if message.startswith(UNKNOWN):
        return {message[len(UNKNOWN) : -1]: "There is no such parameter."}
    text, _, place = message.rpartition(" - at `$.")
    return {place.rstrip("`"): text}
