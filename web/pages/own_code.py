"""`/privacy/code/`: the code that stands for whoever asks, so that they can have it let go."""

from http import HTTPStatus

from django.db import Error
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from reports import privacy
from web.pages.answer import private_page


@require_safe
def own_code(request: HttpRequest) -> HttpResponse:
    """The asker's codes of today and yesterday; nobody keeps the page."""
    try:
        found = privacy.codes(request.META, timezone.now())
    except Error:
        found = []
    status = HTTPStatus.OK if found else HTTPStatus.SERVICE_UNAVAILABLE
    return private_page(request, "web/own_code.html", {"codes": found}, status)
