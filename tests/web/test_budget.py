"""What the first view of a page costs a phone: bytes, and nobody else's host."""

import gzip
import re
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page, Response

from aggregator.models.outage import State
from aggregator.models.picture import Verdict
from tests.readable import make_count, make_mark, make_outage, make_place, make_status

pytestmark = [pytest.mark.flow, pytest.mark.slow]
MOST_BYTES = 40_000
# Status line and headers; those of an answer of ours are below this.
HEADERS = 700


@pytest.fixture
def outage(site: str) -> int:
    """An Outage of claude with all there can be on its pages; returns its id."""
    now = datetime.now(UTC)
    found = make_outage("claude", now - timedelta(hours=1))
    make_outage("claude", now - timedelta(days=2), state=State.OVER)
    make_mark()
    make_status("claude", Verdict.MAJOR, observed=900, outage=found)
    for code, count in {"US": 800, "US-CA": 300, "US-NY": 200, "DE": 90, "BR": 60}.items():
        make_place("claude", code, count)
    for minutes in range(0, 1400, 15):
        make_count("claude", now - timedelta(minutes=minutes), 40, region="US-CA")
    return found.pk


def first_view(page: Page, address: str) -> dict[str, int]:
    """The bytes of everything a page loads, as a proxy that compresses sends them, by address."""
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    page.on("response", note)
    page.goto(address, wait_until="networkidle")
    return {
        one.url: HEADERS + len(gzip.compress(one.body(), 6))
        for one in answers
        if not one.url.startswith("data:") and one.status == 200
    }


@pytest.mark.parametrize("path", ["/services/claude/", "/", "/outages/{}/", "/ja/services/claude/"])
def test_first_view_is_small_and_asks_nobody_else(
    browser: Browser, site: str, outage: int, path: str
) -> None:
    page = browser.new_page()
    sizes = first_view(page, site + path.format(outage))
    page.close()
    assert [url for url in sizes if not url.startswith(site)] == []
    # Pages, style, script and the outlines of the map are all there.
    assert len(sizes) >= 4
    assert sum(sizes.values()) <= MOST_BYTES, sizes


def test_outage_map_moves_through_time(browser: Browser, site: str, outage: int) -> None:
    page = browser.new_page()
    page.goto(f"{site}/outages/{outage}/?map=US")
    scrub = page.get_by_label("Move through time")
    before = page.inner_text("#scrubbed")
    scrub.press("End")
    assert page.inner_text("#scrubbed") != before
    assert scrub.get_attribute("aria-valuetext") == page.inner_text("#scrubbed")
    page.close()


def test_outage_map_has_a_link_to_each_instant_without_scripts(
    browser: Browser, site: str, outage: int
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/outages/{outage}/?map=US")
    assert not page.get_by_label("Move through time").is_visible()
    page.get_by_text("Other times").click()
    first = page.locator(".other-times a").first
    address = urljoin(page.url, first.get_attribute("href") or "")
    first.click()
    assert page.url == address
    assert re.search(r"at=[0-9T:-]+Z", page.url)
    context.close()


def test_pages_from_right_to_left_stay_on_the_screen(
    browser: Browser, site: str, outage: int
) -> None:
    page = browser.new_page(viewport={"width": 320, "height": 640})
    for path in ("/", "/services/claude/", f"/outages/{outage}/", "/outages/", "/map/"):
        page.goto(site + path)
        page.evaluate("document.documentElement.dir = 'rtl'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
        # What stands at the beginning of a line is on the right.
        heading = page.locator("h1").first.bounding_box()
        assert heading is not None
        assert heading["x"] + heading["width"] > 290, path
    page.close()
