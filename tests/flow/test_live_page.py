"""An open page follows what happens, by itself: from no problems to problems and back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from config import commands
from tests.chromium import chromium
from tests.flow.site import Site, worker
from tests.flow.test_whole_path import DETECTION_SECONDS, beat_since, let_time_pass
from tests.flow.waiting import wait_until

pytestmark = [pytest.mark.flow, pytest.mark.slow]
# The page asks every half a minute or so; a busy machine answers late.
REFRESH_MILLISECONDS = 80_000
QUIET_TITLE = "Is Claude down? No problems – Outcry"  # noqa: RUF001 - as the page writes it
LOUD_TITLE = "Is Claude down? Problems – Outcry"  # noqa: RUF001 - as the page writes it


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium() as started:
        yield started


def test_open_page_turns_to_problems_and_back_without_a_reload(
    site: Site, browser: Browser
) -> None:
    let_two_usual_days_be_behind(site)
    page = browser.new_page()
    with site.running(worker("first"), commands.beat()):
        wait_until(lambda: verdict(site) == "ok", DETECTION_SECONDS, site.marks)
        page.goto(f"{site.url}/services/claude/")
        page.evaluate("window.here = 'the same page'")
        assert page.title() == QUIET_TITLE
        crowd = commands.simulate("claude-2026-03-18", site.url, 4)
        with site.running(crowd):
            wait_until(lambda: verdict(site) == "major", DETECTION_SECONDS, site.told)
        expect(page).to_have_title(LOUD_TITLE, timeout=REFRESH_MILLISECONDS)
        assert "Yes: " in page.inner_text("#part-answer")
        assert "icon-major" in str(page.get_attribute("#icon", "href"))
        assert page.inner_text("#said") == "Problems"

    # Nobody evaluates now: the page stays, and says how old it is when it must.
    # Moved as they are, quarter-hours and hours would meet each other; nobody needs them here.
    site.rows("TRUNCATE aggregator_quartercount, aggregator_hourcount")
    let_time_pass(site)
    with site.running(worker("second"), commands.beat()):
        wait_until(lambda: verdict(site) == "ok", DETECTION_SECONDS, site.told)
        expect(page).to_have_title(QUIET_TITLE, timeout=REFRESH_MILLISECONDS)
    assert "icon-major" not in str(page.get_attribute("#icon", "href"))
    assert page.evaluate("window.here") == "the same page"
    page.close()


def verdict(site: Site) -> str:
    """What is said of the Service now; empty before anybody looked."""
    rows = site.rows(
        "SELECT verdict FROM aggregator_servicestatus JOIN reports_service AS service"
        " ON service.id = service_id WHERE slug = 'claude'"
    )
    return str(rows[0][0]) if rows else ""


def let_two_usual_days_be_behind(site: Site) -> None:
    """A report every seven minutes, and heartbeats: long enough to know what is usual.

    Seven, so that `let_time_pass` moves no Minute onto another.
    """
    site.manage("prepare")
    for table in ("reports_report", "aggregator_minutecount"):
        site.make_days(table, 3)
    site.rows(
        "INSERT INTO reports_report (id, received_at, service_id, region_id, region_source,"
        " channel, fingerprint, network) SELECT gen_random_uuid(), at, service.id, 'US-CA',"
        " 'user', 'api', decode(md5(at::text), 'hex'), decode(md5('n' || at::text), 'hex')"
        " FROM reports_service AS service, generate_series(now() - interval '2 days',"
        " now() - interval '5 minutes', interval '7 minutes') AS at WHERE slug = 'claude'"
    )
    beat_since(site, "2 days")
