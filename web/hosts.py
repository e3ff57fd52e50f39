"""A host name for each Service, for software that can be told a host and nothing else."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Answer = Callable[[HttpRequest], HttpResponse]
# What a Service's own host has at its root; all else is the site's, as at any other host.
OWN = ("/api/v2/", "/history.", "/badge.", "/card/")


class ServiceHosts:
    """Middleware: what is asked of a Service's own host is the Service's, at its usual address."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, after leading the request to the Service's own address."""
        domain = settings.ENV.service_domain
        slug = slug_of(request.get_host(), domain) if domain else ""
        path = request.path_info
        if slug and (path == "/" or path.startswith(OWN)):
            request.path_info = request.path = f"/services/{slug}{path}"
        return self._get_response(request)


def slug_of(host: str, domain: str) -> str:
    """The Service that a host stands for; empty for none.

    >>> slug_of("claude.status.example.org:8000", "status.example.org")
    'claude'
    >>> slug_of("a.b.status.example.org", "status.example.org"), slug_of("claude.example.org", "")
    ('', '')
    """
    name = host.partition(":")[0].rstrip(".").lower()
    label, _, rest = name.partition(".")
    return label if domain and rest == domain else ""
