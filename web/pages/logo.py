"""`/logos/{digest}.png`: a logo out of our own database; no reader is sent to a third party."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from reports import logos

# Its address is its content's hash: it never changes.
FOREVER = "public, max-age=31536000, immutable"


@require_safe
def logo(_request: HttpRequest, digest: str) -> HttpResponse:
    """A logo.

    Raises:
        Http404: when there is none of this hash.
    """
    png = logos.png_of(digest)
    if png is None:
        raise Http404
    headers = {"Cache-Control": FOREVER, "X-Content-Type-Options": "nosniff"}
    return HttpResponse(png, content_type="image/png", headers=headers)
