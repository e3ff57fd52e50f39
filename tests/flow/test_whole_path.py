"""The whole path over HTTP: reports in, outage opened, webhook received, outage over."""

from collections.abc import Callable

import httpx
import pytest

from config import commands
from tests.flow.receiver import Call, receiving
from tests.flow.site import Site, accepted, worker
from tests.flow.test_alerting import subscribe
from tests.flow.waiting import wait_until

pytestmark = [pytest.mark.flow, pytest.mark.slow]

# A Minute is looked at after its end, and an outage of a new site needs a few of them.
DETECTION_SECONDS = 300.0
QUIET = "2 hours"


def test_reports_open_an_outage_that_is_told_and_ends_when_the_crowd_is_quiet(site: Site) -> None:
    with receiving() as receiver:
        key = subscribe(site, receiver.url, "--service", "claude", "--least", "possible")
        let_a_quiet_day_be_behind(site)
        with site.running(worker("first"), commands.beat()):
            sent = crowd_until(lambda: bool(outages(site)), site)
            wait_until(lambda: "outage.opened" in told(receiver.calls), explain=site.told)
            site.settle(sent + 1)

        let_time_pass(site)
        with site.running(worker("second"), commands.beat()):
            wait_until(lambda: outages(site)[0]["state"] == "over", DETECTION_SECONDS, site.told)
            wait_until(lambda: "outage.closed" in told(receiver.calls), explain=site.told)

    assert len(outages(site)) == 1
    assert outages(site)[0]["service"] == "claude"
    for call in receiver.calls:
        key.verify(call.body, call.headers)
    assert len({call.alert for call in receiver.calls}) == len(receiver.calls)
    site.manage("recount", "--check")


def crowd_until(condition: Callable[[], bool], site: Site) -> int:
    """Thirty people a second report until something holds; how many Reports it took."""
    sent = 0

    def holds() -> bool:
        nonlocal sent
        sent += accepted(site.report(3))
        return condition()

    wait_until(holds, DETECTION_SECONDS, lambda: f"{sent} sent. {site.marks()} {site.told()}")
    return sent


def outages(site: Site) -> list[dict[str, object]]:
    """The outages of the service, newest first, as anyone can read them."""
    answer = httpx.get(f"{site.url}/api/v1/outages", params={"service": "claude"})
    answer.raise_for_status()
    found = answer.json()["results"]
    assert isinstance(found, list)
    return found


def told(calls: list[Call]) -> set[str]:
    return {call.kind for call in calls}


def let_a_quiet_day_be_behind(site: Site) -> None:
    """A site that has been up for hours and heard of one problem."""
    site.rows(
        "INSERT INTO reports_report (id, received_at, service_id, region_id, region_source,"
        " channel, fingerprint, network) SELECT gen_random_uuid(), now() - interval '6 hours', id,"
        " 'US-CA', 'user', 'api', decode(md5('a'), 'hex'), decode(md5('b'), 'hex')"
        " FROM reports_service WHERE slug = 'claude'"
    )
    beat_since(site, "6 hours")


def beat_since(site: Site, past: str) -> None:
    """Heartbeats of all Minutes since then: the site was up."""
    site.rows(
        "INSERT INTO reports_intakeminute SELECT generate_series(date_trunc('minute', now() -"
        f" interval '{past}'), now(), interval '1 minute') ON CONFLICT DO NOTHING"
    )


def let_time_pass(site: Site) -> None:
    """Move everything two hours into the past, with heartbeats of quiet Minutes since then."""
    columns = {
        "reports_report": ["received_at"],
        "aggregator_minutecount": ["start"],
        "aggregator_quartercount": ["start"],
        "aggregator_hourcount": ["start"],
        "aggregator_outage": ["started_at", "detected_at", "confirmed_at"],
        "aggregator_outageevent": ["at"],
        "aggregator_evaluationmark": ["evaluated_until"],
    }
    for table, names in columns.items():
        moved = ", ".join(f"{name} = {name} - interval '{QUIET}'" for name in names)
        site.rows(f"UPDATE {table} SET {moved}")  # noqa: S608 - our own words
    site.rows("DELETE FROM aggregator_enginecheckpoint")
    beat_since(site, QUIET)
