"""Ten thousand subscribers of one Service are told of one Outage, whoever dies meanwhile."""

import pytest
from standardwebhooks import Webhook

from aggregator.sending import SENDERS
from config import commands
from tests.flow.receiver import receiving
from tests.flow.site import Site, kill, worker
from tests.flow.test_alerting import OPEN
from tests.flow.waiting import wait_until

pytestmark = [pytest.mark.flow, pytest.mark.slow]

PEOPLE = 10_000
SECONDS = 600
SECRET = "whsec_" + "b3V0Y3J5" * 4
SUBSCRIBE = """
INSERT INTO aggregator_subscription (
    channel, target, secret, earlier_secret, service_id, least_state, language, time_zone,
    cadence, style, by_operator, is_active, created_at, disabled_reason, failures, trial_told
)
SELECT 'webhook', %s || '/' || number, %s, '', service.id, 'confirmed', 'en', 'UTC',
    'instant', 'outcry', true, true, now(), '', 0, ''
FROM generate_series(1, %s) number, reports_service service WHERE service.slug = 'slack'
"""
FREE = "UPDATE aggregator_alert SET due_at = now() WHERE state = 'pending' AND due_at > now()"


def deliverer(name: str) -> tuple[str, ...]:
    """A worker that only delivers: evaluation would end an Outage that no counts bear out."""
    every = ",".join(commands.QUEUES)
    return tuple("alerting" if part == every else part for part in worker(name))


def sent(site: Site) -> int:
    """How many are marked as told."""
    return site.number("SELECT count(*) FROM aggregator_alert WHERE state = 'sent'")


def test_each_of_ten_thousand_is_told_once_though_two_workers_are_killed(site: Site) -> None:
    with receiving() as receiver, site.running(commands.beat()):
        site.rows(SUBSCRIBE, receiver.url, SECRET, PEOPLE)
        site.rows("TRUNCATE aggregator_outage CASCADE")
        assert f"alerts: {PEOPLE}" in site.manage("shell", "--no-imports", "-c", OPEN)
        for number, goal in enumerate((PEOPLE // 5, PEOPLE // 2)):
            with site.running(deliverer(f"killed-{number}")) as (killed,):
                wait_until(lambda goal=goal: sent(site) >= goal, SECONDS, site.told)  # type: ignore[misc]
                kill(killed)
            # The leases of the dead run out.
            site.rows(FREE)
        with site.running(deliverer("last")):
            wait_until(lambda: sent(site) == PEOPLE, SECONDS, site.told)

        key = Webhook(SECRET)
        confirmed = [call for call in receiver.calls if call.kind == "outage.confirmed"]
        for call in confirmed[::97]:
            key.verify(call.body, call.headers)
        # What came again, because its sender died before marking it, has the same id.
        ids = {call.alert for call in confirmed}
        assert len(ids) == PEOPLE
        told = site.rows("SELECT id::text FROM aggregator_alert WHERE state = 'sent'")
        assert {str(one) for (one,) in told} == ids
        # Only what the dead had under way can come again, of whatever they had taken.
        under_way = 2 * commands.WORKER_PROCESSES * SENDERS
        repeats = len(confirmed) - PEOPLE
        assert repeats <= under_way, f"{repeats} came again"
