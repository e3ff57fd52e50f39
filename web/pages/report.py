"""`POST /services/{slug}/report` and `…/works`: a Service's form, sent by any browser."""

from http import HTTPStatus

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from aggregator.selectors.services import services_to_report
from reports import votes
from reports.bans import BannedError
from reports.intake import InvalidReportError, Statement, receive
from reports.models.report import Channel
from reports.submission import UnavailableError
from reports.throttles import ThrottledError
from web.origin import is_own
from web.pages.answer import private_page
from web.pages.place import position_of
from web.pages.service import Form, known, service_context

RETRY_SECONDS = 5


@csrf_exempt  # by a cookie; `is_own` asks the browser instead, so that pages need none
@require_POST
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a Report and lead on to the thanks; else the page again, saying what is wrong.

    Raises:
        BadRequest: for a position that is none; only a script of ours sends one.
        PermissionDenied: when another site's page sent it.
    """
    if not is_own(request.headers, request.get_host()):
        raise PermissionDenied
    entered = request.POST
    statement = Statement(
        service=slug,
        problem_type=entered.get("problem_type", ""),
        region=entered.get("region", ""),
        position=position_of(entered.get("lat", ""), entered.get("lon", "")),
        comment=entered.get("comment", ""),
    )
    try:
        receipt = receive(statement, request.META, channel=Channel.WEB, now=timezone.now())
    except InvalidReportError as error:
        return _again(request, statement, error.errors, HTTPStatus.UNPROCESSABLE_ENTITY)
    except BannedError as error:
        return _banned(request, statement, error)
    except ThrottledError as error:
        return _held_back(request, statement, error)
    except UnavailableError:
        return _unavailable(request, statement)
    return _thanks(slug, is_repeat=receipt.is_repeat)


@csrf_exempt  # as above
@require_POST
def works(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a vote that a Service works and lead on to the thanks.

    Raises:
        Http404: for a Service that there is not.
        PermissionDenied: when another site's page sent it.
    """
    if not is_own(request.headers, request.get_host()):
        raise PermissionDenied
    statement = Statement(service=slug)
    try:
        votes.cast(slug, request.META, timezone.now())
    except votes.UnknownServiceError as error:
        raise Http404 from error
    except BannedError as error:
        return _banned(request, statement, error)
    except ThrottledError as error:
        return _held_back(request, statement, error)
    except UnavailableError:
        return _unavailable(request, statement)
    return _go_on(reverse("thanks", args=[slug]) + "?works")


def _thanks(slug: str, *, is_repeat: bool) -> HttpResponse:
    return _go_on(reverse("thanks", args=[slug]) + ("?again" if is_repeat else ""))


def _go_on(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    # 303: whatever led here, go on with GET.
    response.status_code = HTTPStatus.SEE_OTHER
    response.headers["Cache-Control"] = "no-store"
    return response


def _held_back(request: HttpRequest, statement: Statement, error: ThrottledError) -> HttpResponse:
    words = _("Many reports came from your network. Please try again in a minute.")
    return _again(request, statement, {"": words}, HTTPStatus.TOO_MANY_REQUESTS, error.wait)


def _banned(request: HttpRequest, statement: Statement, error: BannedError) -> HttpResponse:
    words = _("Reports from your network are not taken until %(until)s UTC.")
    until = f"{error.until:%Y-%m-%d %H:%M}"
    return _again(request, statement, {"": words % {"until": until}}, HTTPStatus.FORBIDDEN)


def _unavailable(request: HttpRequest, statement: Statement) -> HttpResponse:
    words = _("Reports can't be stored right now. Please try again in a few seconds.")
    return _again(request, statement, {"": words}, HTTPStatus.SERVICE_UNAVAILABLE, RETRY_SECONDS)


def _again(
    request: HttpRequest,
    statement: Statement,
    errors: dict[str, str],
    status: HTTPStatus,
    wait: int | None = None,
) -> HttpResponse:
    found = known(services_to_report(), statement.service)
    form = Form(region=statement.region, comment=statement.comment, errors=errors)
    response = private_page(request, "web/service.html", service_context(found, form), status)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response
