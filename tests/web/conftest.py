"""A browser, and the site for it to look at."""

import os
import shutil
import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.db import connections
from playwright.sync_api import Browser, sync_playwright

from config.wsgi import application

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


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
    with make_server("127.0.0.1", 0, application, _Server, _Quiet) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium: the one `script/test` found, else one on the PATH."""
    path = os.environ.get("OUTCRY_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        message = "no Chromium; script/test finds or fetches one"
        # Where all tests must run, a missing browser is a failure.
        (pytest.fail if os.environ.get("CI") else pytest.skip)(message)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, which Django would take for async code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        # Containers run as root, where Chromium's own sandbox can't.
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()
        # Beside that loop this thread has a database connection of its own.
        connections.close_all()
