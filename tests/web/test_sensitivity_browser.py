"""Changing a Service's sensitivity in a real browser, for everyone."""

import pytest
from playwright.sync_api import Browser, expect

from aggregator import sensitivities
from aggregator.models import ReplayedEffect
from tests.aggregator.test_sensitivity_admin import LIST, RESULT
from tests.factories import service
from tests.web.test_browser import DESK, PHONE, THEMES, violations
from tests.web.test_desk_browser import enter

pytestmark = [pytest.mark.flow, pytest.mark.slow]


def test_the_effect_is_shown_before_it_is_saved(browser: Browser, site: str) -> None:
    page = enter(browser, site).new_page()
    page.goto(f"{site}{LIST}?q=claude")
    page.get_by_role("link", name="Claude").click()
    page.get_by_label("Low", exact=True).check()
    page.get_by_role("button", name="Show the effect").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    ReplayedEffect.objects.update(result=RESULT, percent=100)
    # The page asks by itself whether it is there.
    expect(page.get_by_text("No longer raised")).to_be_visible(timeout=10_000)
    page.get_by_label("Reason").fill("Match nights.")
    page.get_by_role("button", name="Save: low from now on").click()
    expect(page.get_by_text("Claude: as the site → low")).to_be_visible()
    page.close()
    assert sensitivities.held(service("claude")).own == "low"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_sensitivities_are_for_everyone(
    browser: Browser, site: str, theme: str, size: object
) -> None:
    claude = service("claude")
    done = ReplayedEffect.objects.create(
        service=claude, value="low", asked_at="2026-03-18T14:00Z", result=RESULT
    )
    under_way = ReplayedEffect.objects.create(
        service=claude, value="high", asked_at="2026-03-18T14:00Z", percent=40
    )
    page = enter(browser, site, color_scheme=theme, viewport=size).new_page()
    found: list[tuple[str, object]] = []
    for path in ("", *(f"{claude.pk}/change/?effect={one.pk}" for one in (done, under_way))):
        page.goto(site + LIST + path)
        found += [(path, one) for one in violations(page)]
        width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        found += [(path, width)] if width > 0 else []
    page.close()
    assert found == []
