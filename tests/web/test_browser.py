"""The pages in a real browser: by tap, by keyboard, without scripts, for everyone."""

import re
from datetime import UTC, datetime, timedelta
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize, expect

from aggregator.models import EvaluationMark, Outage, PlaceStatus, ServiceStatus
from aggregator.models.outage import State
from aggregator.models.picture import Verdict
from reports.models import Report, VoteCount
from tests.readable import make_count, make_mark, make_outage, make_place, make_status

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
    make_mark()
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
        "/services/claude/?range=30d",
        "/services/noise/",
        "/?category=ai",
        "/services/claude/thanks/",
        "/outages/",
        "/outages/?region=Narnia",
        f"/outages/{outage.pk}/",
        "/map/",
        "/map/US/?service=claude",
        "/regions/US/",
        "/regions/US-CA/",
        "/method/",
        "/official/",
        "/privacy/",
        "/subscribe/",
        "/nothing/",
        "/ja/",
        "/de/services/claude/",
        f"/fr/outages/{outage.pk}/",
        "/pt/regions/US/",
        "/es/map/",
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


def test_search_answers_while_somebody_types(browser: Browser, pages: list[str], site: str) -> None:
    page = browser.new_page()
    page.goto(site)
    page.get_by_label("Which service?").press_sequentially("gihtub")
    found = page.locator("#suggested a")
    found.first.wait_for()
    assert "Github" in found.first.inner_text()
    assert violations(page) == []
    page.keyboard.press("Escape")
    assert page.locator("#suggested").is_hidden()
    # Escape empties a search field, too.
    page.keyboard.type("gihtub")
    found.first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/services/github/")
    page.close()


def test_vote_by_tap_is_no_report(browser: Browser, pages: list[str], site: str) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True)
    page = context.new_page()
    page.goto(f"{site}/services/claude/")
    page.get_by_role("button", name="It works for me").tap()
    page.wait_for_url("**/thanks/?works")
    assert "You are the first to say" in page.inner_text("main")
    context.close()
    assert VoteCount.objects.get().count == 1
    assert not Report.objects.exists()


def test_place_is_guessed_shown_and_not_taken_for_the_senders_word(
    browser: Browser, pages: list[str], site: str
) -> None:
    context = browser.new_context(locale="pt-BR")
    page = context.new_page()
    page.goto(f"{site}/services/claude/")
    place = page.locator("#region")
    expect(place).to_have_value("Brasil")
    page.locator(".choices button").first.click()
    page.wait_for_url("**/thanks/")
    page.go_back()
    assert place.is_enabled()
    context.close()
    report = Report.objects.get()
    assert (report.region_id, report.region_source) == ("BR", "locale")


def test_position_is_used_on_click_only(browser: Browser, pages: list[str], site: str) -> None:
    context = browser.new_context(
        geolocation={"latitude": 52.52, "longitude": 13.405}, permissions=["geolocation"]
    )
    page = context.new_page()
    page.goto(f"{site}/services/claude/")
    page.get_by_role("button", name="Use my position").click()
    expect(page.locator("#region")).to_have_value("Berlin, Germany")
    page.locator(".choices button").first.click()
    page.wait_for_url("**/thanks/")
    context.close()
    report = Report.objects.get()
    assert (report.region_id, report.region_source) == ("DE-BE", "position")


def test_times_are_the_readers_own_with_utc_beside(
    browser: Browser, pages: list[str], site: str
) -> None:
    context = browser.new_context(timezone_id="Asia/Kolkata", locale="en-GB")
    page = context.new_page()
    page.goto(f"{site}/services/claude/")
    time = page.locator("#part-answer time").first
    at = datetime.fromisoformat(str(time.get_attribute("datetime")))
    own = at + timedelta(hours=5, minutes=30)
    assert time.inner_text() == f"{own:%H:%M} your time"
    assert f"{at:%H:%M} UTC" in str(time.get_attribute("title"))
    assert "Asia/Calcutta" in page.inner_text("#zone") or "Asia/Kolkata" in page.inner_text("#zone")
    context.close()


def test_open_page_takes_what_changed_and_nothing_else(
    browser: Browser, pages: list[str], site: str
) -> None:
    page = browser.new_page()
    page.clock.install()
    page.goto(f"{site}/services/claude/")
    before = page.evaluate("document.getElementById('part-kinds').firstElementChild.outerHTML")
    page.evaluate("window.kept = document.getElementById('part-kinds').firstElementChild")
    layout = page.evaluate("document.getElementById('report').getBoundingClientRect().top")
    ServiceStatus.objects.update(verdict=Verdict.OK, observed=3, at=datetime.now(UTC))
    Outage.objects.filter(ended_at=None).update(state=State.OVER, ended_at=datetime.now(UTC))
    with page.expect_response("**/live/"):
        page.clock.run_for(40_000)
    expect(page).to_have_title(re.compile("No problems"))
    assert "as usual" in page.inner_text("#part-answer")
    assert before == page.evaluate("window.kept.outerHTML")
    assert layout >= page.evaluate("document.getElementById('report').getBoundingClientRect().top")
    # The next answer says that nothing changed; the page stays as it is.
    with page.expect_response("**/live/"):
        page.clock.run_for(40_000)
    page.close()


def test_open_page_says_how_old_it_is_when_the_server_is_gone(
    browser: Browser, pages: list[str], site: str
) -> None:
    outage = Outage.objects.get(ended_at=None)
    paths = ["/services/claude/", "/map/", "/regions/US/", "/outages/", f"/outages/{outage.pk}/"]
    for path in paths:
        context = browser.new_context()
        page = context.new_page()
        page.clock.install()
        page.goto(site + path)
        assert page.locator("#old").is_hidden(), path
        said = page.inner_text("main")
        context.set_offline(True)
        page.clock.run_for(300_000)
        page.locator("#old").wait_for()
        assert "minutes old" in page.inner_text("#old"), path
        assert page.inner_text("main") == said
        assert violations(page) == []
        context.close()


def test_open_map_and_region_take_what_changed(
    browser: Browser, pages: list[str], site: str
) -> None:
    for path in ("/map/", "/regions/US/"):
        PlaceStatus.objects.filter(region_id__in=["US", "US-CA"]).update(observed=60)
        page = browser.new_page()
        page.clock.install()
        page.goto(site + path)
        before = page.locator("[data-at]").get_attribute("data-at")
        assert "above the usual" in page.inner_text("main")
        PlaceStatus.objects.update(observed=4)
        EvaluationMark.objects.update(evaluated_until=datetime.now(UTC) + timedelta(seconds=60))
        with page.expect_response("**/live/"):
            page.clock.run_for(40_000)
        expect(page.locator("main")).to_contain_text("All places are up")
        assert page.locator("#part-as-of time").get_attribute("datetime") != before
        page.close()


def test_hidden_page_asks_for_nothing(browser: Browser, pages: list[str], site: str) -> None:
    page = browser.new_page()
    page.clock.install()
    page.goto(f"{site}/services/claude/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    hide = "Object.defineProperty(document, 'hidden', {value: %s, configurable: true});"
    page.evaluate(hide % "true" + "document.dispatchEvent(new Event('visibilitychange'))")
    page.clock.run_for(300_000)
    assert [url for url in asked if "/static/" not in url] == []
    with page.expect_response("**/live/"):
        page.evaluate(hide % "false" + "document.dispatchEvent(new Event('visibilitychange'))")
    page.close()


def violations(page: Page) -> list[tuple[str, str]]:
    """What axe-core finds against WCAG 2.2 AA and its own best practices."""
    results = Axe().run(page).response["violations"]
    return [(one["id"], node["html"]) for one in results for node in one["nodes"]]
