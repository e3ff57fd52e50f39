"""The moderators' desk in a real browser: by keyboard, without scripts, for everyone."""

from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, expect

from reports import moderation_jobs
from reports.models import Comment, ModerationEntry, Report
from tests.readable import make_outage
from tests.reports.desk.people import flood, hold
from tests.web.test_browser import DESK, PHONE, THEMES, violations

pytestmark = [pytest.mark.flow, pytest.mark.slow]
QUEUE = "/admin/queue/"


def enter(browser: Browser, site: str, **options: object) -> BrowserContext:
    """A browser in which somebody of the staff has logged in."""
    user = User.objects.filter(username="maria").first() or User.objects.create_superuser("maria")
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(**options)  # type: ignore[arg-type]  # Playwright's own options
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": f"{site}/admin/"}]
    )
    return context


def test_queue_is_worked_by_keyboard(browser: Browser, site: str) -> None:
    flood()
    hold("first")
    hold("second")
    page = enter(browser, site).new_page()
    page.goto(site + QUEUE)
    row = page.locator("[data-row][aria-current]")
    expect(row).to_contain_text("120 reports")
    page.keyboard.press("j")
    expect(row).to_contain_text("second")
    page.keyboard.press("a")
    expect(page.locator("#told")).to_contain_text("Accepted: 1.")
    expect(row).to_contain_text("first")
    # Without a reason the key leads to where it is written.
    page.keyboard.press("r")
    expect(page.locator("#reason")).to_be_focused()
    page.keyboard.type("jokes")
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(page.locator("#told")).to_contain_text("Rejected: 1.")
    page.keyboard.press("u")
    expect(page.locator("#told")).to_contain_text("Undone")
    expect(page.locator("[data-row]")).to_have_count(2)
    page.keyboard.press("?")
    expect(page.locator("#keys dl")).to_be_visible()
    page.keyboard.press("k")
    page.keyboard.press("k")
    page.keyboard.press("b")
    expect(page.locator("progress")).to_have_count(1)
    moderation_jobs.work(datetime.now(UTC))
    # The page asks by itself how far it is.
    expect(page.locator("progress")).to_have_count(0, timeout=10_000)
    page.close()
    assert Report.objects.filter(rejected_at=None).count() == 2
    said = dict(ModerationEntry.objects.values_list("act", "reason"))
    assert said == {
        **dict.fromkeys(("release", "undo"), ""),
        **dict.fromkeys(("remove", "ban", "reject"), "jokes"),
    }


def test_queue_works_without_scripts(browser: Browser, site: str) -> None:
    hold("first")
    hold("second")
    page = enter(browser, site, java_script_enabled=False).new_page()
    page.goto(site + QUEUE)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_label("Reason").fill("jokes")
    page.get_by_role("button", name="Reject chosen").click()
    page.get_by_text("Rejected: 2.").wait_for()
    page.get_by_role("button", name="Undo").click()
    page.get_by_text("Undone:").wait_for()
    page.close()
    assert set(Comment.objects.values_list("state", flat=True)) == {"held"}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_desk_is_for_everyone(browser: Browser, site: str, theme: str, size: object) -> None:
    burst = flood()
    hold()
    page = enter(browser, site, color_scheme=theme, viewport=size).new_page()
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url))
    found: list[tuple[str, object]] = []
    make_outage("claude", datetime.now(UTC))
    parts = ("", "?kind=none", f"burst/{burst.pk}/", "words/", "reports/?network=x")
    for path in ("/admin/", *(QUEUE + part for part in parts)):
        page.goto(site + path)
        found += [(path, one) for one in violations(page)]
        width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        found += [(path, width)] if width > 0 else []
    page.close()
    assert found == []
    assert [url for url in asked if not url.startswith((site, "data:"))] == []
