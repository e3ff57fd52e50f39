"""`/place/`: where the server would take a sender to be, for the form to show beforehand."""

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from reports.geography import WORLD, UnknownRegionError, ancestors, code_of, regions
from reports.intake import place_of
from reports.outlines import Position, PositionError
from web.mapping import place_name
from web.origin import is_own


@csrf_exempt  # by a cookie; `is_own` asks the browser instead, so that pages need none
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest) -> JsonResponse:
    """The name of the sender's place as the form takes it; empty when nothing tells.

    A position comes in the body of a POST, never in the address, which servers write down.

    Raises:
        BadRequest: for a position that is none.
        PermissionDenied: when another site's page sent it.
    """
    if not is_own(request.headers, request.get_host()):
        raise PermissionDenied
    position = position_of(request.POST.get("lat", ""), request.POST.get("lon", ""))
    answer = JsonResponse({"place": name_of(place_of(request.META, position).region)})
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def position_of(lat: str, lon: str) -> Position | None:
    """The position in two fields of a form; None when both are empty.

    Raises:
        BadRequest: when they are no position.
    """
    if not lat and not lon:
        return None
    try:
        return Position(float(lat), float(lon))
    except (ValueError, PositionError) as error:
        raise BadRequest from error


def name_of(code: str) -> str:
    """A Region's name as the form takes it, "name, country" for a subdivision; "" for the world.

    It is in the reader's language, unless `code_of` would take that for another Region: then in
    English, then the code.

    >>> name_of("US-CA"), name_of("DE"), name_of("")
    ('California, United States', 'Germany', '')
    """
    if code == WORLD:
        return ""
    above = [one for one in ancestors(code) if one]
    own = ", ".join(place_name(one) for one in (code, *above))
    english = ", ".join(regions()[one].name for one in (code, *above))
    return next((name for name in (own, english) if _means(name) == code), code)


def _means(name: str) -> str:
    try:
        return code_of(name)
    except UnknownRegionError:
        return WORLD
