"""What a site goes through: kills, repeats, an emptied broker, engines that go and come back.

After each: nothing lost, nothing doubled, and the counts are those of a recount.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from celery import Celery

from config import commands, engines
from config.queue import broker_url
from tests.flow.site import Site, accepted, kill, worker
from tests.flow.waiting import wait_until

pytestmark = pytest.mark.flow

BEAT = commands.beat()


def test_a_worker_killed_while_counting_leaves_the_counts_exact(site: Site) -> None:
    with site.running(worker("first"), BEAT) as (first, _):
        # Minutes are written by then, hours can't be: the transaction is in its middle.
        with site.locked("aggregator_hourcount"):
            answers = site.report(200)
            wait_until(site.waits_for_a_lock, explain=site.told)
            kill(first)
        with site.running(worker("second")):
            site.settle(200)

    assert accepted(answers) == 200


def test_the_same_tasks_twice_with_two_workers_and_two_beats_count_once(site: Site) -> None:
    with site.running(worker("first"), worker("second"), BEAT, BEAT):
        for _ in range(5):
            answers = site.report(100)
            call(site, "aggregator.count", "counting", times=20)
            assert accepted(answers) == 100
        site.settle(500)


def test_an_emptied_broker_loses_nothing(site: Site) -> None:
    with site.running(worker("only"), BEAT), repeated(site.redis.flushall):
        answers = site.report(500)

        assert accepted(answers) == 500
        site.settle(500)


def test_a_broker_that_stops_and_comes_back_loses_nothing(site: Site) -> None:
    with site.running(worker("only"), BEAT):
        engines.stop_redis(site.data_dir)
        answers = site.report(200)
        site.start_engines()

        assert accepted(answers) == 200
        site.settle(200)


def test_a_restarted_database_keeps_every_promise(site: Site) -> None:
    with site.running(worker("only"), BEAT):
        before = site.report(200)
        with site.without_database():
            while_away = site.report(20)
        wait_until(lambda: accepted(site.report(1)) == 1, explain=site.told)
        kept = site.number("SELECT count(*) FROM reports_report")

        site.settle(kept)

    assert accepted(before) == 200
    assert {answer.status_code for answer in while_away} == {httpx.codes.SERVICE_UNAVAILABLE}
    promised = {answer.json()["id"] for answer in before}
    assert promised <= {str(row[0]) for row in site.rows("SELECT id FROM reports_report")}


def test_a_repeat_after_a_flush_is_still_one_report(site: Site) -> None:
    body = {"service": "claude", "region": "US-CA"}
    headers = {"X-Forwarded-For": "198.18.7.7"}
    ids = set()

    for _ in range(3):
        answer = httpx.post(f"{site.url}/api/v1/reports", json=body, headers=headers)
        ids.add(answer.json()["id"])
        site.redis.flushall()

    assert len(ids) == 1


@contextmanager
def repeated(act: Callable[[], object]) -> Iterator[None]:
    """Do something again and again meanwhile."""
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(0.02):
            act()

    thread = threading.Thread(target=go_on)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def call(site: Site, task: str, queue: str, times: int) -> None:
    """Put the same task into a queue several times, beside the clock's own."""
    with Celery(broker=broker_url(site.addresses.redis_url)) as queues:
        for _ in range(times):
            queues.send_task(task, queue=queue)
