"""`/outages/`: what happened, by Service, Category, place, time and state."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

import msgspec
from django.core.exceptions import BadRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aggregator.selectors import names
from aggregator.selectors.catalogue import categories
from aggregator.selectors.outages import NEWEST_FIRST, Standing, Wanted, outages
from aggregator.selectors.pages import BadCursorError, Cursor, cut, read_cursor
from aggregator.selectors.services import evaluated_until
from aggregator.selectors.spans import BadSpanError, utc
from reports.geography import UnknownRegionError, code_of
from web.mapping import place_name
from web.pages.answer import page, private_page
from web.wording import STANDING

PAGE_SIZE = 30
LONGEST_WORD = 80
DAY = timedelta(days=1)
FIELDS = ("service", "category", "region", "from", "to", "state")


class NotFilteredError(ValueError):
    """A filter that names nothing; its message says so to the reader."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked for, as entered and as understood."""

    entered: dict[str, str]
    wanted: Wanted


@require_safe
def archive(request: HttpRequest) -> HttpResponseBase:
    """All Outages, the latest first, perhaps only some of them.

    Raises:
        BadRequest: for a cursor or state that there is not, which no form of ours sends.
    """
    entered = {name: request.GET.get(name, "").strip()[:LONGEST_WORD] for name in FIELDS}
    try:
        cursor = _cursor(request.GET.get("cursor", ""))
        asked = Asked(entered, wanted(entered))
    except (msgspec.ValidationError, BadCursorError) as error:
        raise BadRequest from error
    except NotFilteredError as error:
        context = {**_form(entered), "fault": str(error)}
        return private_page(request, "web/outages.html", context, HTTPStatus.UNPROCESSABLE_ENTITY)
    found = cut(outages(asked.wanted), NEWEST_FIRST, PAGE_SIZE, cursor)
    context = {
        **_form(_understood(asked)),
        "outages": found.items,
        "older": _neighbour(entered, found.next),
        "newer": _neighbour(entered, found.previous),
        "at": evaluated_until(),
    }
    return page(request, "web/outages.html", context)


def wanted(entered: dict[str, str]) -> Wanted:
    """The filter that a form's fields mean.

    Raises:
        NotFilteredError: for a Service, place or day that nobody knows.
        msgspec.ValidationError: for a state that there is not.
    """
    return Wanted(
        service=_service(entered["service"]),
        category=entered["category"] or None,
        region=_region(entered["region"]),
        state=msgspec.convert(entered["state"] or None, Standing | None),
        since=_day(entered["from"]),
        until=_after(_day(entered["to"])),
    )


def _service(entered: str) -> str | None:
    if not entered:
        return None
    found = names.slugs(entered, 1)
    if not found:
        raise NotFilteredError(_("No service is called “%(name)s”.") % {"name": entered})
    return found[0]


def _region(entered: str) -> str | None:
    try:
        return code_of(entered) or None
    except UnknownRegionError as error:
        raise NotFilteredError(
            _("No single place is called “%(name)s”.") % {"name": entered}
        ) from error


def _day(entered: str) -> datetime | None:
    if not entered:
        return None
    try:
        return utc(datetime.combine(date.fromisoformat(entered), datetime.min.time(), UTC))
    except (ValueError, BadSpanError) as error:
        raise NotFilteredError(_("“%(day)s” is not a day.") % {"day": entered}) from error


def _after(day: datetime | None) -> datetime | None:
    return day + DAY if day else None


def _form(entered: dict[str, str]) -> dict[str, object]:
    """What the form shows (one query)."""
    return {
        "asked": {**entered, "since": entered["from"]},
        "categories": categories(),
        "states": [(one.value, STANDING[one]) for one in Standing],
        "is_filtered": any(entered.values()),
    }


def _understood(asked: Asked) -> dict[str, str]:
    """The fields with names for what was understood by them."""
    region = asked.wanted.region
    return {**asked.entered, "region": place_name(region) if region else ""}


def _cursor(text: str) -> Cursor | None:
    return read_cursor(text, NEWEST_FIRST) if text else None


def _neighbour(entered: dict[str, str], cursor: Cursor | None) -> str:
    if cursor is None:
        return ""
    kept = {name: value for name, value in entered.items() if value}
    return "?" + urlencode({**kept, "cursor": cursor.text()})
