"""Pages that only say something."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from reports import site_settings
from web.pages.answer import LONG_SECONDS, page


@require_safe
def privacy(request: HttpRequest) -> HttpResponseBase:
    """What is kept, and for how long."""
    site = site_settings.current()
    context = {
        "report_days": site.report_retention_days,
        "minute_days": site.minute_retention_days,
        "listens": bool(settings.ENV.social_streams),
    }
    return page(request, "web/privacy.html", context, max_age=LONG_SECONDS)
