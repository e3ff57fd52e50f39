"""`/map/`: the world, then a country; and the sheets of outlines that all maps refer to."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from aggregator.selectors.services import evaluated_until, services_with_status
from aggregator.selectors.shades import Trouble, shades, troubles
from reports.geography import WORLD
from web.atlas import WORLD_FILE, mapped, outline
from web.mapping import place_name, service_map, trouble_map
from web.pages.answer import page
from web.pages.service import known

# The address changes with the shapes.
FOREVER_SECONDS = 31_536_000


@require_safe
def world(request: HttpRequest) -> HttpResponseBase:
    """The world: where Services with an Outage stand out, or where one is reported.

    Raises:
        Http404: for a Service that there is not.
    """
    return page(request, "web/map_page.html", _context(request, WORLD))


@require_safe
def country(request: HttpRequest, code: str) -> HttpResponseBase:
    """The same for the parts of a country.

    Raises:
        Http404: for a Region without a map, or a Service that there is not.
    """
    if code == WORLD or code not in mapped():
        raise Http404
    return page(request, "web/map_page.html", _context(request, code))


@require_safe
def live(request: HttpRequest, code: str = WORLD) -> HttpResponseBase:
    """What of a map's page changes, for the open page to fetch.

    Raises:
        Http404: for a Region without a map, or a Service that there is not.
    """
    if code not in mapped():
        raise Http404
    return page(request, "web/map_live.html", _context(request, code))


@require_safe
def sheet(request: HttpRequest, name: str, digest: str) -> HttpResponseBase:
    """The outlines of a map; the same for ever under one address.

    Raises:
        Http404: for a map or an edition that there is not.
    """
    code = WORLD if name == WORLD_FILE else name
    if code not in mapped() or outline(code).digest != digest:
        raise Http404
    response = HttpResponse(outline(code).sheet(), content_type="image/svg+xml")
    response.headers["Cache-Control"] = f"public, max-age={FOREVER_SECONDS}, immutable"
    etag = response.headers["ETag"] = f'W/"{digest}"'
    return get_conditional_response(request, etag=etag, response=response) or response


def _context(request: HttpRequest, code: str) -> dict[str, object]:
    """What a map's page shows (two queries, four for one Service)."""
    found = troubles(parent=code)
    slug = request.GET.get("service", "")
    service = known(services_with_status(), slug) if slug else None
    return {
        "at": evaluated_until(),
        "live": _live_address(code, slug),
        "code": code,
        "place": place_name(code),
        "service": service,
        "choices": _choices(found),
        "is_alone": True,
        "map": service_map(service, getattr(service, "status", None), shades(service.pk), code)
        if service
        else trouble_map(found, code, is_wide=True),
    }


def _live_address(code: str, slug: str) -> str:
    address = reverse("map-of-live", args=[code]) if code else reverse("map-live")
    return f"{address}?service={slug}" if slug else address


def _choices(found: list[Trouble]) -> list[tuple[str, str]]:
    """The Services that stand out somewhere on the map, by name."""
    return sorted({(one.slug, one.service) for one in found}, key=lambda pair: pair[1].lower())
