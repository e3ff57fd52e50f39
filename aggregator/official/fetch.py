"""Asks a vendor's page over HTTP: public addresses only, within seconds, no more than it may be."""

import asyncio
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus

import httpx

from aggregator.channels.destination import (
    ForbiddenDestinationError,
    Resolver,
    look_up,
    public_addresses,
)

SECONDS = 15
CONNECT_SECONDS = 5
LARGEST_BYTES = 4_000_000
MOST_REDIRECTS = 3
USER_AGENT = "Outcry"
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class FetchError(Exception):
    """No usable answer; the text holds no address.

    Attributes:
        retry_after: the page's own wish to be left alone, as it was sent.
        answered: whether something works there, which did not want to tell us.
    """

    def __init__(
        self, reason: str, retry_after: str | None = None, *, answered: bool = False
    ) -> None:
        """Keep why."""
        super().__init__(reason)
        self.retry_after = retry_after
        self.answered = answered


@dataclass(frozen=True, slots=True)
class Known:
    """The validators of the last good answer (RFC 9110, 13.1); empty when there were none."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A good answer; `body` is None when nothing changed (304): what is known stays so."""

    body: bytes | None
    known: Known


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Fetches pages. For many threads.

    Attributes:
        allow_private: addresses inside are allowed too, for development and tests.
        resolve: looks names up.
    """

    allow_private: bool = False
    resolve: Resolver = look_up

    def get(self, address: str, known: Known | None = None) -> Answer:
        """The answer of an address, at most three redirects on; takes at most 15 seconds.

        Every name on the way is looked up once, judged, and called by what was judged.

        Raises:
            FetchError: when there is no good answer.
        """
        try:
            return asyncio.run(self._get(address, known or Known()))
        except TimeoutError as error:
            raise FetchError(f"no answer within {SECONDS} seconds") from error
        except ForbiddenDestinationError as error:
            raise FetchError(str(error)) from error
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError) as error:
            raise FetchError("not an address") from error
        except (httpx.HTTPError, OSError) as error:
            raise FetchError(f"no connection ({type(error).__name__})") from error

    async def _get(self, address: str, known: Known) -> Answer:
        limits = httpx.Timeout(SECONDS, connect=CONNECT_SECONDS)
        async with (
            asyncio.timeout(SECONDS),
            httpx.AsyncClient(verify=_tls(), trust_env=False, timeout=limits) as client,
        ):
            url = httpx.URL(address)
            for _ in range(MOST_REDIRECTS + 1):
                found = await self._ask_any(client, url, known)
                if isinstance(found, Answer):
                    return found
                url = url.join(found)
        raise FetchError("too many redirects")

    async def _ask_any(
        self, client: httpx.AsyncClient, url: httpx.URL, known: Known
    ) -> Answer | str:
        """What the first of the addresses says that lets itself be connected to."""
        addresses = await asyncio.to_thread(self._addresses, url)
        headers = {**_headers(known), "host": url.netloc.decode("ascii")}
        for address in addresses[:-1]:
            try:
                return await self._ask(client, url, address, headers)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._ask(client, url, addresses[-1], headers)

    async def _ask(
        self, client: httpx.AsyncClient, url: httpx.URL, address: str, sent: Mapping[str, str]
    ) -> Answer | str:
        """The answer, or where it leads."""
        async with client.stream(
            "GET",
            url.copy_with(host=address),
            headers=sent,
            extensions={"sni_hostname": url.raw_host.decode("ascii")},
            follow_redirects=False,
        ) as response:
            status, headers = response.status_code, response.headers
            if response.has_redirect_location:
                return str(headers.get("location", ""))
            if status == HTTPStatus.NOT_MODIFIED:
                return Answer(None, Known())
            if status != HTTPStatus.OK:
                answered = status < HTTPStatus.INTERNAL_SERVER_ERROR
                raise FetchError(f"HTTP {status}", headers.get("retry-after"), answered=answered)
            validators = Known(headers.get("etag", ""), headers.get("last-modified", ""))
            return Answer(await _body(response), validators)

    def _addresses(self, url: httpx.URL) -> list[str]:
        if url.scheme not in {"http", "https"}:
            raise httpx.UnsupportedProtocol(url.scheme)
        port = url.port or (443 if url.scheme == "https" else 80)
        host = url.raw_host.decode("ascii")
        if self.allow_private:
            return self.resolve(host, port)
        return public_addresses(host, port, self.resolve)


def _headers(known: Known) -> Mapping[str, str]:
    asked = {
        "user-agent": USER_AGENT,
        "accept": "application/json, application/atom+xml, application/rss+xml, */*;q=0.5",
        "accept-encoding": "gzip",
    }
    if known.etag:
        asked["if-none-match"] = known.etag
    if known.last_modified:
        asked["if-modified-since"] = known.last_modified
    return asked


async def _body(response: httpx.Response) -> bytes:
    """The whole body, unpacked, unless it is too large packed or unpacked."""
    packed = bytearray()
    async for chunk in response.aiter_raw():
        packed += chunk
        if len(packed) > LARGEST_BYTES:
            raise FetchError(f"more than {LARGEST_BYTES} bytes", answered=True)
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding == "identity":
        return bytes(packed)
    if encoding not in {"gzip", "deflate"}:
        raise FetchError(f"packed in a way that was not asked for ({encoding[:20]})")
    try:
        unpacking = zlib.decompressobj(_GZIP_OR_ZLIB)
        # Not one byte more than allowed is ever made, whatever the packed bytes promise.
        body = unpacking.decompress(bytes(packed), LARGEST_BYTES)
    except zlib.error as error:
        raise FetchError("badly packed") from error
    if unpacking.unconsumed_tail or not unpacking.eof:
        raise FetchError(f"more than {LARGEST_BYTES} bytes, or cut off")
    return body


@cache
def _tls() -> ssl.SSLContext:
    """The certificates to trust, read once; `SSL_CERT_FILE` may name others."""
    return httpx.create_ssl_context()
