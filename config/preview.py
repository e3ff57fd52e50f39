"""`/admin/preview/{slug}/`: a Service's page as everybody will see it, also while it is hidden."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from aggregator.selectors.services import for_preview
from web.pages.answer import private_page
from web.pages.service import Form, known, service_context


@permission_required("reports.view_service", raise_exception=True)
@require_safe
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of any Service, for the staff.

    Raises:
        Http404: for a Service that there is not.
    """
    found = known(for_preview(), slug)
    return private_page(request, "admin/preview.html", service_context(found, Form()), 200)
