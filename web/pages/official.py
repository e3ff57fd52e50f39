"""`/official/`: how long vendors take to say what people here have confirmed."""

import csv
import io
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from aggregator.selectors.official import Face, Watched, everybody
from reports.models import Service
from web.answers import open_to_machines
from web.pages.answer import LONG_SECONDS, page
from web.vendors import history, middle, says, strip, unmatched


@dataclass(frozen=True, slots=True)
class Line:
    """One vendor; `first` and `middle` are empty while there is nothing to compare."""

    service: Service
    face: Face
    says: str
    first: str
    middle: str
    strip: SafeString
    unmatched: list[str]


@require_safe
def official(request: HttpRequest) -> HttpResponseBase:
    """The vendors with most to compare first."""
    found = everybody(timezone.now())
    ranked = sorted(found, key=lambda one: -one.record.n)
    context = {
        "lines": [_line(one) for one in ranked],
        "n": sum(one.record.n for one in found),
        "first": sum(one.record.crowd_first for one in found),
        "silent": sum(one.record.crowd_only for one in found),
    }
    return page(request, "web/vendors.html", context, max_age=LONG_SECONDS)


@open_to_machines(LONG_SECONDS)
def leads_file(_request: HttpRequest) -> HttpResponse:
    """The same as CSV: a line a vendor, the columns of `/api/v1/official` and the page's own."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for number, one in enumerate(everybody(timezone.now())):
        columns = msgspec.structs.asdict(one.record)
        told = one.service.official
        columns |= {"face": str(one.face), "page": told.url, "kind": told.kind}
        if not number:
            writer.writerow(columns)
        writer.writerow([_plain(value) for value in columns.values()])
    response = HttpResponse(text.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="leads.csv"'
    return response


def _plain(value: object) -> object:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else value


def _line(one: Watched) -> Line:
    told = one.service.official
    return Line(
        service=one.service,
        face=one.face,
        says=says(one.face, told.kind, told.indicator, told.description),
        first=history(one.record),
        middle=middle(one.record),
        strip=mark_safe(strip(one.record)),  # noqa: S308 - numbers of ours
        unmatched=unmatched(one.record),
    )
