"""A real receiver of webhooks, which can be slow and remembers everything."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Call:
    """One request: its headers in lower case, and its body as it came."""

    headers: dict[str, str]
    body: str

    @property
    def kind(self) -> str:
        """The move that it tells, like `outage.opened`."""
        return str(json.loads(self.body)["type"])

    @property
    def alert(self) -> str:
        """The id that stays the same over all tries."""
        return self.headers["webhook-id"]


@dataclass(slots=True)
class Receiver:
    """What came, and whether answers are given at once."""

    url: str
    calls: list[Call] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    receiver: Receiver


class _Door(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        """Remember the call; answer when answers are given."""
        assert isinstance(self.server, _Server)
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        receiver.calls.append(Call(headers, body))
        receiver.answering.wait(60)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver on a free port that answers at once."""
    server = _Server(("127.0.0.1", 0), _Door)
    server.receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
    server.receiver.answering.set()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server.receiver
    finally:
        server.receiver.answering.set()
        server.shutdown()
        server.server_close()
        thread.join()
