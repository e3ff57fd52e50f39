"""What a browser may do with our pages: the content policy and the permissions they give away.

Public pages run their own scripts and styles from their own host and nothing else. The back office
and the API's documentation stand on libraries that need more; each has its own policy here. A
single view can change its policy with `csp.decorators`.
"""

from csp.constants import NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

Directives = dict[str, list[str]]

PUBLIC: Directives = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF],
    "connect-src": [SELF],
    "manifest-src": [SELF],
    "worker-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}
_DRAWN: Directives = {
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
    "font-src": [SELF],
}
# By the first part of the path. Alpine.js, which drives the back office, evaluates expressions.
MORE: dict[str, Directives] = {
    "admin": {**_DRAWN, "script-src": [SELF, UNSAFE_EVAL]},
    "api": _DRAWN,
}
# The form asks for a position on a click; nothing else of a device is ours to use.
PERMISSIONS = "geolocation=(self), camera=(), microphone=(), payment=(), usb=(), browsing-topics=()"


class HeadersMiddleware(CSPMiddleware):
    """Adds the content policy of the path and the permissions policy to every answer."""

    def get_policy_parts(
        self,
        request: HttpRequest,
        response: HttpResponseBase,
        report_only: bool = False,  # noqa: FBT001, FBT002 - the library's signature
    ) -> PolicyParts:
        """The policy of one answer; a view's own replaces what it names."""
        parts: PolicyParts = super().get_policy_parts(request, response, report_only)
        more = MORE.get(request.path_info.split("/")[1], {})
        if more and not report_only:
            parts.replace = {**more, **(parts.replace or {})}
        return parts

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Add the headers that are not set yet."""
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        return super().process_response(request, response)
