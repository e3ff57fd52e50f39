"""Alerts on real processes: told at least once, with one id, whoever dies meanwhile."""

import re

import pytest
from standardwebhooks import Webhook

from config import commands
from tests.flow.receiver import receiving
from tests.flow.site import Site, kill, worker
from tests.flow.waiting import wait_until

pytestmark = pytest.mark.flow

# An Outage as its only writer would leave it, with its Alerts in the same transaction.
OPEN = """
from datetime import UTC, datetime
from django.db import transaction
from aggregator import alerting
from aggregator.models import Outage, OutageEvent
from reports.models import Service
now = datetime.now(UTC)
with transaction.atomic():
    outage = Outage.objects.create(
        service=Service.objects.get(slug="slack"), state="confirmed", region_id="",
        regions=[""], started_at=now, detected_at=now, confirmed_at=now,
        peak_count=500, expected_at_peak=3,
    )
    event = OutageEvent.objects.create(
        outage=outage, kind="confirmed", from_state="possible", to_state="confirmed", at=now,
        region_id="", regions=[""], numbers={"observed": 500, "expected": 3.0},
    )
    print("alerts:", alerting.enqueue(event))
"""


def subscribe(site: Site, url: str, *words: str) -> Webhook:
    """Subscribe a webhook; what verifies its calls."""
    told = site.manage("subscribe", "--webhook", url, *words)
    found = re.search(r"whsec_\S+", told)
    assert found, told
    return Webhook(found[0])


def open_outage(site: Site) -> None:
    site.rows("TRUNCATE aggregator_outage CASCADE")
    assert "alerts: 1" in site.manage("shell", "--no-imports", "-c", OPEN)


def sent(site: Site) -> bool:
    return site.number("SELECT count(*) FROM aggregator_alert WHERE state = 'sent'") == 1


def test_a_worker_killed_while_delivering_leaves_the_alert_to_the_next(site: Site) -> None:
    with receiving() as receiver:
        key = subscribe(site, receiver.url)
        receiver.answering.clear()
        with site.running(worker("first"), commands.beat()) as (first, _):
            open_outage(site)
            wait_until(lambda: len(receiver.calls) == 1, explain=site.told)
            kill(first)
            receiver.answering.set()
            # Two minutes pass: the lease of the killed worker runs out.
            site.rows("UPDATE aggregator_alert SET due_at = now() WHERE state = 'pending'")
            with site.running(worker("second")):
                wait_until(lambda: sent(site), explain=site.told)

        for call in receiver.calls:
            key.verify(call.body, call.headers)
        assert len(receiver.calls) == 2
        assert len({call.alert for call in receiver.calls}) == 1


def test_two_workers_and_two_beats_tell_once(site: Site) -> None:
    with receiving() as receiver:
        subscribe(site, receiver.url)
        beat = commands.beat()
        with site.running(worker("first"), worker("second"), beat, beat):
            open_outage(site)
            wait_until(lambda: sent(site), explain=site.told)
            site.report(10)
            site.settle(10)

        # Evaluation may end an Outage that no counts bear out; that is another move.
        assert [call.kind for call in receiver.calls].count("outage.confirmed") == 1
        assert len({call.alert for call in receiver.calls}) == len(receiver.calls)


def test_an_emptied_broker_loses_no_alert(site: Site) -> None:
    with receiving() as receiver:
        subscribe(site, receiver.url)
        with site.running(worker("only"), commands.beat()):
            for _ in range(20):
                site.redis.flushall()
            open_outage(site)
            site.redis.flushall()
            wait_until(lambda: sent(site), explain=site.told)

        assert len(receiver.calls) == 1
