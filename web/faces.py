"""Statuspage v2 over what people report: of the site, and of each Service."""

from collections.abc import Callable

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone

from aggregator.selectors.scene import outage_of, scene
from aggregator.statuspage_ids import Kind, key_of
from reports import site_settings
from web.answers import JSON, open_to_machines
from web.formats.statuspage import Face

SECONDS = 10

DOCUMENTS: dict[str, Callable[[Face], msgspec.Struct]] = {
    "summary": Face.summary,
    "status": Face.status_document,
    "components": Face.components,
    "incidents": Face.incidents,
    "incidents/unresolved": Face.unresolved,
    "scheduled-maintenances": Face.maintenances,
    "scheduled-maintenances/active": lambda face: face.maintenances("in_progress"),
    "scheduled-maintenances/upcoming": lambda face: face.maintenances("scheduled"),
}


@open_to_machines(SECONDS)
def document(_request: HttpRequest, *, name: str, slug: str | None = None) -> HttpResponse:
    """One of `DOCUMENTS`, all of it seen at one instant.

    Raises:
        Http404: when there is no such Service.
    """
    return _answer(DOCUMENTS[name](_face(slug)))


@open_to_machines(SECONDS)
def incident(_request: HttpRequest, *, key: str, slug: str | None = None) -> HttpResponse:
    """One incident by its id.

    Raises:
        Http404: when there is none, or no such Service.
    """
    number = key_of(Kind.OUTAGE, key)
    outage = outage_of(number, slug) if number is not None else None
    if outage is None:
        raise Http404
    return _answer(_face(slug).incident_document(outage))


def _face(slug: str | None) -> Face:
    found = scene(slug, timezone.now())
    if found is None:
        raise Http404
    name = site_settings.current().name
    return Face(found, name, settings.ENV.site_url, is_site=slug is None)


def _answer(content: msgspec.Struct) -> HttpResponse:
    return HttpResponse(msgspec.json.encode(content), content_type=JSON)


def _addresses() -> list[URLPattern]:
    fixed = [path(f"{name}.json", document, {"name": name}) for name in DOCUMENTS]
    return [*fixed, path("incidents/<str:key>.json", incident)]


urlpatterns = _addresses()
