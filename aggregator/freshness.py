"""Lets caches answer for us: how long an answer is good, and whether the asker's copy still is."""

import hashlib

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control

# A proxy may go on serving what it has while it asks for a new copy, and while we are down.
STALE_WHILE_ASKING_SECONDS = 60
STALE_WHILE_DOWN_SECONDS = 3600


def tag(body: bytes) -> str:
    """A weak ETag of a body: weak, because a proxy may compress it.

    >>> tag(b"down")
    'W/"61ed498d675b2f67"'
    """
    return f'W/"{hashlib.blake2b(body, digest_size=8).hexdigest()}"'


def public(request: HttpRequest, response: HttpResponse, max_age: int) -> HttpResponseBase:
    """A good answer that anybody may keep: with its ETag, or as 304 when the asker has it.

    Args:
        request: a GET or HEAD.
        response: rendered, status 200.
        max_age: seconds.
    """
    etag = response.headers["ETag"] = tag(response.content)
    patch_cache_control(
        response,
        public=True,
        max_age=max_age,
        stale_while_revalidate=STALE_WHILE_ASKING_SECONDS,
        stale_if_error=STALE_WHILE_DOWN_SECONDS,
    )
    # It answers with a response whenever it is given one.
    return get_conditional_response(request, etag=etag, response=response) or response
