"""`/regions/{code}/`: what is down in a country, a state, a province."""

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from aggregator.models import Outage
from aggregator.selectors.outages import NEWEST_FIRST, Standing, Wanted, outages
from aggregator.selectors.services import evaluated_until
from aggregator.selectors.shades import reported_in, troubles
from reports.geography import WORLD, Region, children, regions
from web.atlas import mapped
from web.mapping import Picture, place_name, region_address, trouble_map
from web.pages.answer import page
from web.wording import both

MOST_REPORTED = 12
MOST_PAST = 8


@require_safe
def region(request: HttpRequest, code: str) -> HttpResponseBase:
    """What is down in a Region, where in it, and what was (seven or eight queries).

    Raises:
        Http404: for a code that is no Region's, or the world's.
    """
    found = _known(code)
    context = {
        **_now(found),
        "above": _above(found),
        "past": _past(code),
        "parts": [(region_address(one), place_name(one)) for one in _parts(code)],
    }
    return page(request, "web/region.html", context)


@require_safe
def region_live(request: HttpRequest, code: str) -> HttpResponseBase:
    """What of a Region's page changes, for the open page to fetch.

    Raises:
        Http404: for a code that is no Region's, or the world's.
    """
    return page(request, "web/region_live.html", _now(_known(code)))


def _known(code: str) -> Region:
    found = regions().get(code)
    if found is None or code == WORLD:
        raise Http404
    return found


def _now(found: Region) -> dict[str, object]:
    """What of a Region's page changes (five or six queries)."""
    code = found.code
    here = [one for one in troubles(region=code) if one.level]
    open_here = list(outages(Wanted(region=code, state=Standing.OPEN)))
    return {
        "at": evaluated_until(),
        "live": reverse("region-live", args=[code]),
        "code": code,
        "name": place_name(code),
        "said": here,
        "outages": open_here,
        "names": both([one.service for one in here[:2]]) if here else "",
        "reported": reported_in(code, MOST_REPORTED),
        "map": _map(found),
    }


def _above(found: Region) -> tuple[str, str] | None:
    """The address and the name of the country that a subdivision lies in."""
    return (region_address(found.parent), place_name(found.parent)) if found.parent else None


def _past(code: str) -> list[Outage]:
    over = outages(Wanted(region=code, state=Standing.OVER))
    return list(over.order_by(*NEWEST_FIRST.fields)[:MOST_PAST])


def _map(found: Region) -> Picture | None:
    """The parts of a country; a subdivision has none. One query."""
    if found.code not in mapped():
        return None
    return trouble_map(troubles(parent=found.code), found.code, is_wide=True)


def _parts(code: str) -> list[str]:
    return sorted(children(code), key=place_name)
