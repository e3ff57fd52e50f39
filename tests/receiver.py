"""A real HTTP server that keeps what it gets and answers as it is told."""

import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trustme
from standardwebhooks import Webhook

from tests.factories import SIGNING_SECRET


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The idempotency key."""
        return self.headers["webhook-id"]

    def verified(self) -> dict[str, Any]:
        """The document, its signature and age checked by the reference library."""
        document: dict[str, Any] = Webhook(SIGNING_SECRET).verify(self.body, self.headers)
        return document


Answer = tuple[int, dict[str, str]]


@dataclass
class Receiver:
    """What came, in order, and how to answer: a function of the request, 204 by default.

    Attributes:
        came: set whenever a request has arrived whole.
    """

    url: str
    received: list[Received] = field(default_factory=list)
    answer: Callable[[Received], Answer] = lambda _: (204, {})
    came: threading.Event = field(default_factory=threading.Event)

    def times_by_id(self) -> Counter[str]:
        """How often each Alert came."""
        return Counter(request.id for request in self.received)

    def kinds(self) -> list[str]:
        """The types of the documents, in order."""
        return [str(request.verified()["type"]) for request in self.received]


@contextmanager
def listening(certificate: trustme.LeafCert | None = None) -> Iterator[Receiver]:
    """A receiver on a free port of this machine, with TLS when given a certificate."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Received(self.path, headers, body)
            receiver.received.append(request)
            receiver.came.set()
            status, extra = receiver.answer(request)
            try:
                self.send_response(status)
                for name, value in {"content-length": "0", **extra}.items():
                    self.send_header(name, value)
                self.end_headers()
            except OSError:
                # The caller hung up first, as some tests want.
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    if certificate:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        certificate.configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
