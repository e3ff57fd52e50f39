"""One POST to a judged address: looked up once, no redirect, no proxy, cut off in time."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import cache
from http import HTTPStatus

import httpx

from aggregator.channels.destination import (
    ForbiddenDestinationError,
    Network,
    Resolver,
    look_up,
    public_addresses,
)
from aggregator.channels.message import Delivered, GaveUp, Outcome, Retry

SECONDS = 15
CONNECT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status and the wish to be left alone for a while."""

    status: int
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts to public addresses, and to those allowed.

    Attributes:
        allowed: networks inside that may be reached all the same.
        resolve: looks names up.
    """

    allowed: Sequence[Network] = field(default=())
    resolve: Resolver = look_up

    def post(self, target: str, body: bytes, headers: Mapping[str, str]) -> Answer | Outcome:
        """Post once; takes at most 15 seconds and the look-up. An Outcome: there is no answer."""
        try:
            url = httpx.URL(target)
        except httpx.InvalidURL:
            return GaveUp(MALFORMED)
        try:
            return asyncio.run(_post(url, self._addresses(url), body, headers))
        except TimeoutError:
            return Retry(f"no answer within {SECONDS} seconds")
        except ForbiddenDestinationError as error:
            return Retry(str(error))
        except UnicodeError:
            # A host that the resolver can't spell.
            return GaveUp(MALFORMED)
        except (httpx.HTTPError, OSError) as error:
            return Retry(f"no connection ({type(error).__name__})")

    def _addresses(self, url: httpx.URL) -> list[str]:
        port = url.port or (443 if url.scheme == "https" else 80)
        return public_addresses(url.raw_host.decode("ascii"), port, self.resolve, self.allowed)


MALFORMED = "the address or the signing secret is malformed"


def outcome(answer: Answer, now: datetime) -> Outcome:
    """What an answer means: 2xx has it, 410 wants no more, everything else may change.

    >>> outcome(Answer(204), datetime.now(UTC))
    Delivered()
    >>> outcome(Answer(302), datetime.now(UTC))
    Retry(error='HTTP 302', after=None)
    """
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return Delivered()
    error = f"HTTP {answer.status}"
    if answer.status == HTTPStatus.GONE:
        return GaveUp(error, is_gone=True)
    return Retry(error, retry_after(answer.retry_after, now))


def retry_after(text: str | None, now: datetime) -> timedelta | None:
    """The wait a `Retry-After` header asks for (RFC 9110, 10.2.3): seconds or a date.

    >>> retry_after("120", datetime.now(UTC))
    datetime.timedelta(seconds=120)
    >>> retry_after("soon", datetime.now(UTC)) is None
    True
    """
    if text is None:
        return None
    try:
        if text.strip().isdecimal():
            return timedelta(seconds=int(text))
        until = parsedate_to_datetime(text)
        # A date without a zone is in UTC, as RFC 9110 wants every date to be.
        return max(until.replace(tzinfo=until.tzinfo or UTC) - now, timedelta())
    except (ValueError, OverflowError):
        return None


async def _post(
    url: httpx.URL, addresses: list[str], body: bytes, headers: Mapping[str, str]
) -> Answer:
    """Post to the first of the addresses that lets itself be connected to.

    The name is not looked up again: what was judged is what is called. A server that
    hands out its answer byte by byte is cut off by the time limit over everything.
    """
    limits = httpx.Timeout(SECONDS, connect=CONNECT_SECONDS)
    async with (
        asyncio.timeout(SECONDS),
        httpx.AsyncClient(verify=_tls(), trust_env=False, timeout=limits) as client,
    ):
        for address in addresses[:-1]:
            try:
                return await _post_to(client, url, address, (body, headers))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await _post_to(client, url, addresses[-1], (body, headers))


async def _post_to(
    client: httpx.AsyncClient,
    url: httpx.URL,
    address: str,
    content: tuple[bytes, Mapping[str, str]],
) -> Answer:
    body, headers = content
    host = {"host": url.netloc.decode("ascii")}
    name = {"sni_hostname": url.raw_host.decode("ascii")}
    async with client.stream(
        "POST",
        url.copy_with(host=address),
        content=body,
        headers={**headers, **host},
        extensions=name,
        follow_redirects=False,
    ) as response:
        return Answer(response.status_code, response.headers.get("retry-after"))


@cache
def _tls() -> ssl.SSLContext:
    """The certificates to trust, read once; `SSL_CERT_FILE` may name others."""
    return httpx.create_ssl_context()
