"""`/data/`: what was counted, as daily files for everybody."""

from datetime import date

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from aggregator.export import Format
from aggregator.open_data import SUFFIX
from aggregator.privacy import FEWER_THAN
from aggregator.selectors.open_data import DayEntry, content, days, file_name
from reports import site_settings
from web.answers import JSON, open_to_machines
from web.pages.answer import page

LICENCE = "CC-BY-4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"
SECONDS = 300
TYPES = {
    Format.CSV: "application/gzip",
    Format.NDJSON: "application/gzip",
    Format.PARQUET: "application/vnd.apache.parquet",
}
_FORMS = {suffix: form for form, suffix in SUFFIX.items()}


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """All there is, for programs."""

    licence: str
    licence_url: str
    attribution: str
    fewer_than: int
    days: list[DayEntry]


@require_safe
def data(request: HttpRequest) -> HttpResponseBase:
    """The files for people."""
    context = {
        "days": days(settings.ENV.site_url),
        "licence": LICENCE,
        "licence_url": LICENCE_URL,
        "fewer_than": FEWER_THAN,
    }
    return page(request, "web/data.html", context, max_age=SECONDS)


@open_to_machines(SECONDS)
def index(_request: HttpRequest) -> HttpResponse:
    """The files for programs: checksums, revisions, what was corrected."""
    env = settings.ENV
    found = Index(
        licence=LICENCE,
        licence_url=LICENCE_URL,
        attribution=f"{site_settings.current().name}, {env.site_url}/",
        fewer_than=FEWER_THAN,
        days=days(env.site_url),
    )
    return HttpResponse(msgspec.json.encode(found), content_type=JSON)


@open_to_machines(SECONDS)
def file(_request: HttpRequest, name: str) -> HttpResponse:
    """One file, as of its last revision; its checksum is in `X-Checksum-SHA256` too.

    Raises:
        Http404: when there is none of this name.
    """
    day, _, suffix = name.removeprefix("outcry-").partition(".")
    try:
        form, when = _FORMS[suffix], date.fromisoformat(day)
    except (KeyError, ValueError):
        raise Http404 from None
    found = content(when, form) if name == file_name(when, form) else None
    if found is None:
        raise Http404
    body, checksum = found
    response = HttpResponse(body, content_type=TYPES[form])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Checksum-SHA256"] = checksum
    return response
