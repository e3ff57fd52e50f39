"""Which language a page speaks: what its address says, else what the browser asks for.

`/de/outages/` is `/outages/` in German, and so are the links on it: the language is the prefix
that Django puts before every address it makes. Without one the browser's wish decides, and the
answer says so to caches (`Vary`). No cookie is involved.
"""

from collections.abc import Callable, Mapping

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import get_script_prefix, set_script_prefix
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from reports import site_settings

Answer = Callable[[HttpRequest], HttpResponseBase]
DEFAULT = "en"
# The language of these is English, whoever asks.
MACHINES = ("/api/", "/admin/", "/static/", "/maps/", "/metrics", "/healthz", "/readyz")
# Their own names, in the order of lists.
NAMES = {
    "en": "English",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "pt": "Português",
    "ja": "日本語",
}


class Languages:
    """Middleware: each request in its language."""

    def __init__(self, get_response: Answer) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer in the language of the address or of the browser."""
        prefix, rest = split(request.path_info, spoken())
        if prefix and not rest.startswith(MACHINES):
            return self._prefixed(request, prefix, rest)
        # What is for machines has one address, without a language.
        if request.path_info.startswith(MACHINES):
            with translation.override(DEFAULT):
                return self._get_response(request)
        with translation.override(wished(request.headers.get("Accept-Language", ""), spoken())):
            response = self._get_response(request)
        patch_vary_headers(response, ["Accept-Language"])
        return response

    def _prefixed(self, request: HttpRequest, language: str, rest: str) -> HttpResponseBase:
        before = get_script_prefix()
        set_script_prefix(f"{before}{language}/")
        request.path_info = rest
        try:
            with translation.override(language):
                return self._get_response(request)
        finally:
            set_script_prefix(before)


def spoken() -> Mapping[str, str]:
    """The languages that the site is set to speak, with their own names."""
    shown = site_settings.current().languages
    return {code: name for code, name in NAMES.items() if code in shown}


def split(path: str, known: Mapping[str, str] = NAMES) -> tuple[str, str]:
    """The language that an address begins with, empty for none, and the rest of the address.

    >>> split("/de/outages/"), split("/outages/"), split("/de")
    (('de', '/outages/'), ('', '/outages/'), ('', '/de'))
    """
    first, slash, rest = path[1:].partition("/")
    if slash and first in known:
        return first, f"/{rest}"
    return "", path


def wished(accepted: str, known: Mapping[str, str] = NAMES) -> str:
    """The first language of a browser's list that the site speaks.

    >>> wished("pt-BR,pt;q=0.9,en;q=0.8"), wished("it,fr;q=0.5"), wished("*"), wished("")
    ('pt', 'fr', 'en', 'en')
    """
    for tag, _ in parse_accept_lang_header(accepted.lower()):
        language = tag.partition("-")[0]
        if language in known:
            return language
    return DEFAULT


def addresses(request: HttpRequest) -> list[tuple[str, str, str]]:
    """A page in every language: code, the language's own name, and the address."""
    query = request.META.get("QUERY_STRING", "")
    known = spoken()
    rest = split(request.path, known)[1] + (f"?{query}" if query else "")
    return [(code, name, f"/{code}{rest}") for code, name in known.items()]
