"""The card in a frame of somebody else's page, in a real browser."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page
from pytest_django.fixtures import Settings

from aggregator.models.picture import Verdict
from tests.factories import service
from tests.readable import make_mark, make_outage, make_status
from web.templatetags.vendors import elsewhere

pytestmark = [pytest.mark.flow, pytest.mark.slow]
# Another host than the site's, and so another site to a browser.
FOREIGN = "127.0.0.2"


@contextmanager
def foreign(body: str) -> Iterator[str]:
    """Somebody else's page; gives its address."""

    class Theirs(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>theirs</title>{body}".encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer((FOREIGN, 0), Theirs) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://{FOREIGN}:{server.server_port}/"
        server.shutdown()
        thread.join()


def framed(page: Page, body: str) -> list[str]:
    """Open their page with a frame in it; gives what the browser complained about."""
    faults: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            faults.append(message.text)

    page.on("console", note)
    with foreign(body) as address:
        page.goto(address, wait_until="networkidle")
    return faults


def test_the_code_on_the_page_makes_a_card_on_somebody_elses(
    browser: Browser, site: str, settings: Settings
) -> None:
    settings.ENV = replace(settings.ENV, site_url=site)
    now = datetime.now(UTC) - timedelta(hours=1)
    make_mark()
    make_status("claude", Verdict.MAJOR, observed=34, outage=make_outage("claude", now))
    page = browser.new_page()
    faults = framed(page, str(elsewhere(service("claude"))["card_code"]))
    card = page.frame_locator("iframe").locator(".card")
    assert faults == []
    assert "Claude" in card.inner_text()
    assert "Problems" in card.inner_text()
    # Its sheet came, and it fits its frame.
    assert card.evaluate("card => getComputedStyle(card).textDecorationLine") == "none"
    root = "root => root.scrollHeight <= root.clientHeight && root.scrollWidth <= root.clientWidth"
    assert card.evaluate(f"card => ({root})(document.documentElement)")
    # It leads out of the frame, to the page.
    with page.expect_popup() as opened:
        card.click()
    opened.value.wait_for_url(f"{site}/services/claude/")
    opened.value.close()
    page.close()


@pytest.mark.parametrize("path", ["/services/claude/", "/", "/admin/", "/services/claude/report"])
def test_nothing_but_the_card_stands_in_somebody_elses_frame(
    browser: Browser, site: str, path: str
) -> None:
    page = browser.new_page()
    faults = framed(page, f'<iframe src="{escape(site + path)}"></iframe>')
    assert any("frame-ancestors" in fault or "X-Frame-Options" in fault for fault in faults)
    assert page.frames[1].url.startswith("chrome-error:")
    page.close()
