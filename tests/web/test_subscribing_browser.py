"""The pages of subscribing in a real browser: for everyone, and under the site's content policy."""

from typing import Literal

import pytest
from playwright.sync_api import Browser, ViewportSize

from aggregator.manage_links import manage_token, stop_token
from aggregator.models import Subscription
from tests.factories import make_subscription
from tests.web.test_browser import THEMES, violations

pytestmark = [pytest.mark.flow, pytest.mark.slow]
SIZES = [ViewportSize(width=320, height=640), ViewportSize(width=1440, height=900)]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", SIZES, ids=["phone", "desk"])
def test_the_pages_are_for_everyone(
    site: str, browser: Browser, theme: Literal["light", "dark"], size: ViewportSize
) -> None:
    hook, ann = make_subscription(slug="claude"), make_subscription("ann@mail.example")
    Subscription.objects.filter(pk=hook.pk).update(is_active=False, disabled_reason="HTTP 410")
    context = browser.new_context(viewport=size, color_scheme=theme)
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    found = []
    for path in (
        "/subscribe/?service=claude",
        "/subscribe/sent/",
        f"/subscriptions/{manage_token(hook.pk)}/",
        f"/subscriptions/{manage_token(ann.pk)}/",
        f"/unsubscribe/{stop_token(ann.pk)}/",
        "/unsubscribed/",
    ):
        page.goto(site + path)
        for details in page.query_selector_all("details"):
            details.evaluate("one => { one.open = true; }")
        found += [(path, *line) for line in violations(page)]
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= size["width"], f"{path} is {width} wide"
    context.close()
    assert found == []
    assert told == []


def test_without_scripts_a_webhook_is_subscribed_and_left(site: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/subscribe/?service=claude")
    page.get_by_label("By", exact=True).select_option("webhook")
    page.get_by_label("Address").fill("https://hooks.example/x")
    page.get_by_role("button", name="Tell me").click()
    assert page.get_by_role("heading", name="What you are told").is_visible()
    assert Subscription.objects.get().target == "https://hooks.example/x"
    page.get_by_role("button", name="Unsubscribe").click()
    assert page.get_by_role("heading", name="You get no more of these").is_visible()
    assert not Subscription.objects.exists()
    context.close()


def test_the_readers_time_zone_is_filled_in(site: str, browser: Browser) -> None:
    context = browser.new_context(timezone_id="Asia/Tokyo")
    page = context.new_page()
    page.goto(f"{site}/subscribe/")
    assert page.input_value("input[name=time_zone]") == "Asia/Tokyo"
    context.close()
