"""A browser, and the site for it to look at."""

import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright.sync_api import Browser

from tests.chromium import chromium


class _Server(ThreadingMixIn, WSGIServer):
    """Answers several requests at once, as a browser sends them."""

    def process_request_thread(self, request: object, client_address: object) -> None:
        """Answer, and leave no database connection behind."""
        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]  # handed on
        finally:
            connections.close_all()


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its signature
        """Say nothing."""


@pytest.fixture
def site(committed: None) -> Iterator[str]:
    """The address of the whole site, served by threads of this process."""
    with make_server("127.0.0.1", 0, get_wsgi_application(), _Server, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium() as started:
        yield started
        # Beside its event loop this thread has a database connection of its own.
        connections.close_all()
