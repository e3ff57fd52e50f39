"""A moderator's day: a flood out of three networks raises a flag only, and one key rejects it."""

from base64 import b32decode
from collections.abc import Iterator

import httpx
import pytest
from django_otp.oath import TOTP
from playwright.sync_api import Browser, Page, expect

from config import commands
from tests.chromium import chromium
from tests.flow.site import Site, accepted, worker
from tests.flow.test_whole_path import let_a_quiet_day_be_behind
from tests.flow.waiting import wait_until

pytestmark = [pytest.mark.flow, pytest.mark.slow]
# A second honest sender more, and five networks would rightly open an outage on a new site.
FLOOD, BY_HTTP, HONEST, EARLIER = 50_000, 200, 1, 1
LONGEST = 120.0
SECONDS = 1_000.0

# What the database writes by itself comes out of two networks, in the last seven whole Minutes.
WRITE = """
INSERT INTO reports_report (id, received_at, service_id, region_id, region_source, channel,
    fingerprint, network)
SELECT uuidv7(), date_trunc('minute', now()) - interval '7 minutes' * (n::float8 / %s), service.id,
    'US-CA', 'user', 'api', substring(sha256(n::text::bytea) for 16),
    substring(sha256((n %% 2)::text::bytea) for 16)
FROM reports_service AS service, generate_series(1, %s) AS n WHERE slug = 'claude'
"""


@pytest.fixture
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium() as started:
        yield started


def test_flood_raises_only_a_flag_is_rejected_by_a_key_and_comes_back(
    site: Site, browser: Browser
) -> None:
    let_a_quiet_day_be_behind(site)
    site.rows(WRITE, FLOOD - BY_HTTP, FLOOD - BY_HTTP)
    assert accepted(site.report(HONEST)) == HONEST
    assert flood_by_http(site) == BY_HTTP
    everything = FLOOD + HONEST + EARLIER
    with site.running(worker("first"), commands.beat()):
        wait_until(lambda: flagged(site) == FLOOD, LONGEST, site.told)
        wait_until(lambda: site.counted() == everything, LONGEST, site.told)
        wait_until(lambda: is_evaluated(site), LONGEST, site.marks)
        assert site.number("SELECT count(*) FROM aggregator_outage") == 0
        site.manage("recount", "--check")

        page = browser.new_page()
        log_in(page, site)
        expect(page.locator(".need", has_text="Bursts")).to_contain_text("Claude")
        page.get_by_role("link", name="Queue").click()
        expect(page.locator("[data-row][aria-current]")).to_contain_text("50,000 reports")
        page.keyboard.press("e")
        page.keyboard.type("automated")
        page.keyboard.press("Escape")
        page.keyboard.press("b")
        expect(page.locator("#told")).to_contain_text("Rejected and banned: 1.")
        expect(page.locator("progress")).to_have_count(1)
        expect(page.locator("progress")).to_have_count(0, timeout=LONGEST * SECONDS)
        wait_until(lambda: site.counted() == HONEST + EARLIER, LONGEST, site.told)
        site.manage("recount", "--check")
        wait_until(lambda: is_refused(site), explain=site.told)

        page.keyboard.press("u")
        expect(page.locator("progress")).to_have_count(1)
        expect(page.locator("progress")).to_have_count(0, timeout=LONGEST * SECONDS)
        page.reload()
        expect(page.locator("[data-row][aria-current]")).to_contain_text("50,000 reports")
        wait_until(lambda: site.counted() == everything, LONGEST, site.told)
        site.manage("recount", "--check")
        assert site.number("SELECT count(*) FROM aggregator_outage") == 0
        page.close()


def flood_by_http(site: Site) -> int:
    """The third network's part; how many were accepted."""
    with httpx.Client(base_url=site.url) as client:
        return accepted([report(client, 1 + host) for host in range(BY_HTTP)])


def report(client: httpx.Client, host: int) -> httpx.Response:
    """A report out of the third network."""
    return client.post(
        "/api/v1/reports",
        json={"service": "claude", "region": "US-CA"},
        headers={"X-Forwarded-For": f"203.0.113.{host}"},
    )


def is_refused(site: Site) -> bool:
    """Whether nothing is taken from a newcomer of the third network."""
    with httpx.Client(base_url=site.url) as client:
        return report(client, 1).status_code == httpx.codes.FORBIDDEN


def flagged(site: Site) -> int:
    """How many Reports the open burst has."""
    return site.number("SELECT coalesce(sum(reports), 0) FROM reports_burst WHERE state = 'open'")


def is_evaluated(site: Site) -> bool:
    """Whether the detector has looked at every Minute of the flood."""
    return bool(
        site.number(
            "SELECT count(*) FROM aggregator_evaluationmark WHERE evaluated_until >="
            " (SELECT max(received_at) FROM reports_report WHERE channel = 'api'"
            " AND network = substring(sha256('1') for 16))"
        )
    )


def log_in(page: Page, site: Site) -> None:
    """By password, then by a device that is linked on the way."""
    password = site.manage("make_administrator", "vera").strip()
    page.goto(f"{site.url}/admin/")
    page.get_by_label("Username").fill("vera")
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    key = b32decode(page.locator("#code-help code").inner_text())
    page.get_by_label("Code").fill(f"{TOTP(key).token():06}")
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("link", name="I have them").click()
    page.wait_for_url("**/admin/")
