"""The pages in a real browser: by tap, by keyboard, without scripts, for everyone."""

from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from aggregator.models.outage import State
from aggregator.models.picture import Verdict
from reports.models import Report
from tests.readable import make_count, make_outage, make_place, make_status

pytestmark = [pytest.mark.flow, pytest.mark.slow]
PHONE = ViewportSize(width=320, height=640)
THEMES: list[Literal["light", "dark"]] = ["light", "dark"]
DESK = ViewportSize(width=1440, height=900)


@pytest.fixture
def pages(site: str) -> list[str]:
    """Addresses of every kind of page, with something on each."""
    now = datetime.now(UTC)
    outage = make_outage("claude", now - timedelta(hours=1))
    make_outage("aws", now - timedelta(days=1), state=State.OVER)
    make_status("claude", Verdict.MAJOR, observed=34, outage=outage)
    make_status("aws", Verdict.POSSIBLE)
    make_status("github", Verdict.OK)
    make_place("claude", "US", 31)
    make_place("claude", "US-CA", 12)
    make_place("claude", "DE", 3)
    make_count("claude", now - timedelta(minutes=20), 40, problem_type="api")
    paths = [
        "/",
        "/?q=claude",
        "/services/claude/",
        "/services/noise/",
        "/services/claude/thanks/",
        "/outages/",
        f"/outages/{outage.pk}/",
        "/method/",
        "/privacy/",
        "/nothing/",
    ]
    return [site + path for path in paths]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_pages_are_for_everyone(
    browser: Browser, pages: list[str], theme: Literal["light", "dark"], size: ViewportSize
) -> None:
    context = browser.new_context(viewport=size, color_scheme=theme)
    asked: set[str] = set()
    page = context.new_page()
    page.on("request", lambda request: asked.add(request.url))
    found = []
    for address in pages:
        page.goto(address)
        found += [(address, *line) for line in violations(page)]
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], f"{address} is {width} wide"
    context.close()
    assert found == []
    own = pages[0]
    assert [url for url in asked if not url.startswith((own, "data:"))] == []


def test_report_by_tap_without_scripts(browser: Browser, pages: list[str], site: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport=PHONE, has_touch=True)
    page = context.new_page()
    page.goto(f"{site}/services/claude/")
    page.get_by_label("Your place").fill("US-CA")
    page.get_by_role("button", name="Api").tap()
    page.wait_for_url("**/thanks/")
    assert "in the last hour" in page.inner_text("main")
    assert context.cookies() == []
    context.close()
    report = Report.objects.get()
    assert report.region_id == "US-CA"
    assert report.problem_type is not None
    assert report.problem_type.slug == "api"


def test_report_by_keyboard(browser: Browser, pages: list[str], site: str) -> None:
    page = browser.new_page()
    page.goto(f"{site}/services/claude/")
    page.get_by_label("Your place").focus()
    page.keyboard.type("DE")
    # Enter names no problem that nobody chose.
    page.keyboard.press("Enter")
    page.wait_for_url("**/thanks/")
    page.close()
    report = Report.objects.get()
    assert (report.region_id, report.problem_type) == ("DE", None)


def test_wrong_place_is_told_beside_what_was_entered(
    browser: Browser, pages: list[str], site: str
) -> None:
    page = browser.new_page()
    page.goto(f"{site}/services/claude/")
    page.get_by_label("Your place").fill("Calfornia")
    page.get_by_role("button", name="Chat").click()
    assert "Place:" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Your place").input_value() == "Calfornia"
    page.close()
    assert not Report.objects.exists()


def test_search_finds_a_service_by_keyboard(browser: Browser, pages: list[str], site: str) -> None:
    page = browser.new_page()
    page.goto(site)
    page.get_by_label("Which service?").fill("cluade")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Claude").click()
    assert page.get_by_role("heading", level=1).inner_text() == "Is Claude down?"
    page.close()


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe-core finds against WCAG 2.2 AA and its own best practices."""
    results = Axe().run(page).response["violations"]
    return [(one["id"], node["html"]) for one in results for node in one["nodes"]]
