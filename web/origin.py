"""Whether a form was sent from our own page: no cookie needed, so pages stay the same for all.

The reasons are in `docs/adr/0009`. Pure.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

# `none`: typed, bookmarked or reloaded by the person themself.
OWN_SITES = {"same-origin", "none"}


def is_own(headers: Mapping[str, str], host: str) -> bool:
    """Whether the browser says that this site's own page sent a request.

    A browser that says nothing is none that could be led astray: all that run other sites'
    scripts or forms name the origin of what they post.

    Args:
        headers: of the request, names in any case.
        host: this site's host, with its port where it has one.

    >>> is_own({"Sec-Fetch-Site": "same-origin"}, "outcry.example")
    True
    >>> is_own({"Sec-Fetch-Site": "cross-site", "Origin": "https://a.example"}, "outcry.example")
    False
    >>> is_own({"Origin": "https://outcry.example"}, "outcry.example"), is_own({}, "a.example")
    (True, True)
    >>> is_own({"Origin": "null"}, "outcry.example")
    False
    """
    site = headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in OWN_SITES
    origin = headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == host
