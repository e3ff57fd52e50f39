"""`POST /services/{slug}/comments/{id}/flag`: a reader objects to a comment."""

from http import HTTPStatus
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from reports import comments
from reports.bans import BannedError
from reports.submission import UnavailableError
from reports.throttles import ThrottledError
from web.origin import is_own


@csrf_exempt  # by a cookie; `is_own` asks the browser instead, so that pages need none
@require_POST
def flag(request: HttpRequest, slug: str, comment_id: UUID) -> HttpResponse:
    """Take a flag and lead back to the Service's page, which then says thanks (`?flagged`).

    Raises:
        Http404: when no such comment is shown.
        PermissionDenied: when another site's page sent it, or a banned reader.
    """
    if not is_own(request.headers, request.get_host()):
        raise PermissionDenied
    try:
        comments.flag(comment_id, slug, request.META, timezone.now())
    except comments.UnknownCommentError as error:
        raise Http404 from error
    except BannedError as error:
        raise PermissionDenied from error
    except ThrottledError as error:
        words = _("That was too much at once. Please try again in a minute.")
        return _refused(words, HTTPStatus.TOO_MANY_REQUESTS, error.wait)
    except UnavailableError as error:
        words = _("This can't be stored right now. Please try again in a few seconds.")
        return _refused(words, HTTPStatus.SERVICE_UNAVAILABLE, error.RETRY_SECONDS)
    response = HttpResponseRedirect(reverse("service", args=[slug]) + "?flagged#comments")
    # 303: whatever led here, go on with GET.
    response.status_code = HTTPStatus.SEE_OTHER
    response.headers["Cache-Control"] = "no-store"
    return response


def _refused(words: str, status: HTTPStatus, wait: int) -> HttpResponse:
    response = HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
    response.headers["Retry-After"] = str(wait)
    response.headers["Cache-Control"] = "no-store"
    return response
