"""Senders of too many are told to wait; without Redis nobody is."""

import socket
from collections.abc import Iterator
from pathlib import Path
from secrets import token_bytes

import pytest
import redis
from django.conf import settings
from prometheus_client import REGISTRY

from reports import throttles
from reports.throttles import WINDOW_SECONDS, Throttle

ALICE, BOB = token_bytes(16), token_bytes(16)


@pytest.fixture
def throttle() -> Iterator[Throttle]:
    """Two Reports a minute."""
    made = Throttle(settings.ENV.redis_url, 2)
    store = redis.Redis.from_url(settings.ENV.redis_url)
    for name in (ALICE, BOB):
        store.delete(b"throttle:" + name)
    yield made
    made.close()
    store.close()


def failures() -> float:
    """How many were let through without asking."""
    return REGISTRY.get_sample_value("outcry_throttle_failures_total") or 0.0


def test_each_sender_is_counted_apart(throttle: Throttle) -> None:
    waits = throttle.waits([ALICE, ALICE, BOB, ALICE])
    assert waits[:3] == [0, 0, 0]
    assert 1 <= waits[3] <= WINDOW_SECONDS
    assert throttle.waits([BOB, ALICE])[0] == 0


def test_counter_ends_with_its_window(throttle: Throttle) -> None:
    throttle.waits([ALICE])
    store = redis.Redis.from_url(settings.ENV.redis_url)
    assert 0 < int(store.ttl(b"throttle:" + ALICE)) <= WINDOW_SECONDS
    store.delete(b"throttle:" + ALICE)
    store.close()
    assert throttle.waits([ALICE, ALICE]) == [0, 0]


def test_nobody_is_asked_about_nobody(throttle: Throttle) -> None:
    assert throttle.waits([]) == []


def test_restarted_redis_is_asked_again_at_once(throttle: Throttle) -> None:
    throttle.waits([ALICE])
    store = redis.Redis.from_url(settings.ENV.redis_url)
    store.client_kill_filter(_type="normal", skipme=True)
    store.script_flush()
    store.close()
    before = failures()
    assert throttle.waits([ALICE, ALICE])[1] > 0
    assert failures() == before


def test_without_redis_all_are_let_through_and_it_is_left_alone_for_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    throttle = Throttle(f"unix://{tmp_path}/nothing.sock", 1)
    before = failures()
    assert throttle.waits([ALICE, ALICE, ALICE]) == [0, 0, 0]
    assert failures() == before + 3
    monkeypatch.setattr(throttle, "_count", _must_not_be_asked)
    assert throttle.waits([ALICE]) == [0]
    assert failures() == before + 4


def test_hanging_redis_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles, "ANSWER_SECONDS", 0.05)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen()
        throttle = Throttle(f"unix://{tmp_path}/silent.sock", 1)
        assert throttle.waits([ALICE, ALICE]) == [0, 0]
        throttle.close()


def _must_not_be_asked(**_: object) -> None:
    raise AssertionError
