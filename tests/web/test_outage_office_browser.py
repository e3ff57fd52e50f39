"""Deciding about an Outage in a real browser, for everyone."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from aggregator.models import Outage
from aggregator.models.outage import EventKind, State
from tests.factories import STARTED, make_event, make_outage
from tests.web.test_browser import DESK, PHONE, THEMES, violations
from tests.web.test_desk_browser import enter

pytestmark = [pytest.mark.flow, pytest.mark.slow]


def a_possible_outage() -> Outage:
    """With a move, and one before it."""
    make_outage(state=State.OVER, started_at=STARTED - timedelta(days=1), regions=["US", "DE"])
    outage = make_outage(regions=["US-CA"])
    make_event(outage, EventKind.OPENED)
    return outage


def page_of(outage: Outage) -> str:
    return reverse("admin:aggregator_outage_change", args=[outage.pk])


def test_outage_is_retracted_with_a_note_and_stands_again(browser: Browser, site: str) -> None:
    outage = a_possible_outage()
    page = enter(browser, site).new_page()
    page.goto(site + page_of(outage))
    # Only what the act needs is asked for.
    expect(page.get_by_label("Note on its page")).to_be_hidden()
    page.get_by_label("Retract it: it was no outage").check()
    expect(page.get_by_label("Which other")).to_be_hidden()
    page.get_by_label("Note on its page").fill("A **joke** on the radio.")
    page.get_by_label("Reason").fill("A joke.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("retracted an outage")).to_be_visible()
    expect(page.locator("strong", has_text="joke")).to_be_visible()
    page.get_by_role("button", name="Undo: retracted an outage").click()
    expect(page.get_by_text("(undone)")).to_be_visible()
    page.close()
    outage.refresh_from_db()
    assert (outage.state, outage.notes.count()) == ("possible", 0)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_deciding_is_for_everyone(browser: Browser, site: str, theme: str, size: object) -> None:
    outage = a_possible_outage()
    page = enter(browser, site, color_scheme=theme, viewport=size).new_page()
    found: list[tuple[str, object]] = []
    for path in (
        page_of(outage),
        reverse("admin:aggregator_outage_changelist"),
        reverse("admin:aggregator_outage_add"),
        reverse("admin:aggregator_declaration_add"),
    ):
        page.goto(site + path)
        if folder := os.environ.get("SHOTS"):
            width = page.viewport_size["width"] if page.viewport_size else 0
            name = f"{path.strip('/').replace('/', '-')}-{width}-{theme}.png"
            page.screenshot(path=Path(folder) / name, full_page=True)
        found += [(path, one) for one in violations(page)]
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        found += [(path, wide)] if wide > 0 else []
    page.close()
    assert found == []
