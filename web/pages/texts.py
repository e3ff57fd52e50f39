"""Pages that only say something."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from web.pages.answer import LONG_SECONDS, page


@require_safe
def privacy(request: HttpRequest) -> HttpResponseBase:
    """What is kept, and for how long."""
    context = {
        "report_days": settings.ENV.report_retention_days,
        "minute_days": settings.ENV.minute_retention_days,
    }
    return page(request, "web/privacy.html", context, max_age=LONG_SECONDS)
