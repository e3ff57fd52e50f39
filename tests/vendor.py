"""A vendor's status page on a real HTTP server, in Statuspage's shapes, led through incidents."""

import gzip
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

Document = dict[str, Any]
FEED = "/feed"


@dataclass
class VendorPage:
    """What the page says, and what it was asked.

    Attributes:
        broken: answers every request with this status and headers instead.
        feed: the body of `/feed`.
        asked: (path, headers) of every request, in order.
    """

    url: str = ""
    indicator: str = "none"
    components: dict[str, str] = field(default_factory=lambda: {"API": "operational"})
    incidents: list[Document] = field(default_factory=list)
    maintenances: list[Document] = field(default_factory=list)
    feed: bytes = b""
    broken: tuple[int, dict[str, str]] | None = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    gate: threading.Event | None = None

    def declare(self, key: str, at: datetime, *, started_at: datetime | None = None) -> Document:
        """A new incident, acknowledged at an instant, perhaps with an onset backdated."""
        incident: Document = {
            "id": key,
            "name": f"Elevated errors ({key})",
            "status": "investigating",
            "created_at": started_at or at,
            "started_at": started_at or at,
            "updated_at": at,
            "monitoring_at": None,
            "resolved_at": None,
            "impact": "major",
            "shortlink": f"{self.url}/incidents/{key}",
            "page_id": "vendorpage01",
            "incident_updates": [],
            "components": [],
        }
        self.incidents.insert(0, incident)
        self.update(key, "investigating", at)
        self.indicator = "major"
        return incident

    def update(self, key: str, status: str, at: datetime) -> None:
        """A further update of an incident."""
        incident = next(one for one in self.incidents if one["id"] == key)
        incident["status"], incident["updated_at"] = status, at
        updates = incident["incident_updates"]
        updates.insert(
            0,
            {
                "id": f"{key}-{len(updates)}",
                "status": status,
                "body": f"We are {status}.",
                "incident_id": key,
                "created_at": at,
                "updated_at": at,
                "display_at": incident["started_at"],
            },
        )
        if status == "resolved":
            incident["resolved_at"] = at
            self.indicator = "none"

    def announce(self, key: str, at: datetime, *, begins: datetime, hours: float = 1) -> None:
        """A maintenance, announced at an instant."""
        update = {"id": f"{key}-0", "status": "scheduled", "body": "Soon.", "created_at": at}
        self.maintenances.append(
            {
                "id": key,
                "name": "Database work",
                "status": "scheduled",
                "created_at": at,
                "impact": "maintenance",
                "scheduled_for": begins,
                "scheduled_until": begins + timedelta(hours=hours),
                "incident_updates": [update],
            }
        )

    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [path for path, _ in self.asked]

    def body(self, path: str) -> bytes:
        """The document at a path; empty for none."""
        page = {"id": "vendorpage01", "name": "Vendor", "url": self.url, "time_zone": "Etc/UTC"}
        status = {"indicator": self.indicator, "description": f"Now {self.indicator}"}
        components = [
            {"id": f"part{number}", "name": name, "status": state, "group": False}
            for number, (name, state) in enumerate(self.components.items())
        ]
        documents: dict[str, Document] = {
            "/api/v2/summary.json": {
                "page": page,
                "status": status,
                "components": components,
                "incidents": [one for one in self.incidents if one["status"] != "resolved"],
                "scheduled_maintenances": self.maintenances,
            },
            "/api/v2/incidents.json": {"page": page, "incidents": self.incidents},
        }
        if path == FEED:
            return self.feed
        return msgspec.json.encode(documents[path]) if path in documents else b""


class _Handler(BaseHTTPRequestHandler):
    page: VendorPage

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.page.asked.append((self.path, headers))
        if self.page.gate:
            self.page.gate.wait(30)
        status, extra, body = self._answer(headers)
        self.send_response(status)
        for name, value in {"content-length": str(len(body)), **extra}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if self.page.broken:
            return *self.page.broken, b""
        body = self.page.body(self.path)
        if not body:
            return 404, {}, b""
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'
        if headers.get("if-none-match") == etag:
            return 304, {}, b""
        return 200, {"etag": etag, "content-encoding": "gzip"}, gzip.compress(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Keep quiet."""


@contextmanager
def vendor_page() -> Iterator[VendorPage]:
    """A page on a free port of this machine; it answers conditional requests, packed."""
    page = VendorPage()
    handler = type("Handler", (_Handler,), {"page": page})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.block_on_close = False
    page.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield page
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
