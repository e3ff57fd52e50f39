"""The signed webhook: its document, its headers, and where it connects to."""

import json
import socket
import ssl
import threading
import uuid
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from itertools import chain, repeat
from urllib.parse import urlsplit

import msgspec
import pytest
import trustme

from aggregator.channels import post
from aggregator.channels.bodies import Site
from aggregator.channels.bodies.outcry import LARGEST_BODY, outcry_body
from aggregator.channels.message import Delivered, GaveUp, Message, Retry
from aggregator.channels.post import Answer, outcome, retry_after
from aggregator.channels.webhook import WebhookChannel
from aggregator.outage_json import EventDocument, OutageDocument
from tests.factories import SIGNING_SECRET, STARTED
from tests.receiver import Receiver, listening

OUTAGE = OutageDocument(
    id=7,
    service="claude",
    region=None,
    regions=["US", "DE"],
    state="confirmed",
    started_at=STARTED,
    detected_at=STARTED + timedelta(minutes=3),
    confirmed_at=STARTED + timedelta(minutes=5),
    ended_at=None,
    retracted_at=None,
    peak_count=532,
    expected_at_peak=12.25,
    problem_types=["api"],
    cause=None,
    official=None,
    url="https://outcry.example/outages/7/",
)
EVENT = EventDocument(
    id=9,
    kind="confirmed",
    from_state="possible",
    to_state="confirmed",
    at=STARTED + timedelta(minutes=5),
    region=None,
    regions=["US", "DE"],
    reason="",
    numbers={"observed": 532},
)


LOOPBACK = (ip_network("127.0.0.0/8"),)
REFUSED = Retry("the address is not a public one")
NO_URL = GaveUp("the address or the signing secret is malformed")


def make_message(target: str = "https://hooks.example/") -> Message:
    """A confirmed Outage to be told to a webhook now."""
    return Message(
        id=uuid.UUID(int=1),
        target=target,
        secret=SIGNING_SECRET,
        at=datetime.now(UTC),
        event=EVENT,
        outage=OUTAGE,
        service_name="Claude",
        service_id=3,
        service_since=STARTED - timedelta(days=30),
        places=("United States", "Germany"),
        is_trusted=True,
    )


def test_the_document_has_type_time_and_the_outage_with_its_move() -> None:
    document = json.loads(outcry_body(make_message(), Site()))
    assert document["type"] == "outage.confirmed"
    assert document["timestamp"] == "2026-03-18T14:07:00Z"
    data = document["data"]
    assert data["event"]["numbers"] == {"observed": 532}
    assert data["started_at"] == "2026-03-18T14:02:00Z"
    assert data["region"] is None
    assert set(data) == {*OutageDocument.__struct_fields__, "event"}


def test_the_document_of_the_widest_scope_stays_below_the_limit() -> None:
    codes = [f"XX-{number:03}" for number in range(5000)]
    widest = replace(
        make_message(),
        outage=msgspec.structs.replace(
            OUTAGE, regions=codes, problem_types=[f"{number:050}" for number in range(30)]
        ),
        event=msgspec.structs.replace(EVENT, regions=codes, reason="é" * 1000),
    )
    body = outcry_body(widest, Site())
    assert len(body) < LARGEST_BODY
    assert json.loads(body)["data"]["regions"] == codes[:500]


def test_the_headers_are_those_of_standard_webhooks(receiver: Receiver) -> None:
    message = make_message(receiver.url)
    assert WebhookChannel(LOOPBACK).send(message) == Delivered()
    [request] = receiver.received
    assert request.headers["webhook-id"] == str(message.id)
    assert request.headers["webhook-timestamp"] == str(int(message.at.timestamp()))
    assert request.headers["webhook-signature"].startswith("v1,")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["host"] == urlsplit(receiver.url).netloc
    assert request.verified()["data"]["id"] == 7


def test_a_name_is_looked_up_once_and_called_by_its_address(receiver: Receiver) -> None:
    answers = chain([["127.0.0.1"]], repeat(["192.0.2.1"]))
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return next(answers)

    port = urlsplit(receiver.url).port
    channel = WebhookChannel(LOOPBACK, resolve=resolve)
    message = make_message(f"http://hooks.example:{port}/hook?a=1")
    assert channel.send(message) == Delivered()
    assert asked == ["hooks.example"]
    assert receiver.received[0].headers["host"] == f"hooks.example:{port}"
    assert receiver.received[0].path == "/hook?a=1"


def test_a_name_that_points_inside_at_a_second_look_gets_no_second_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called: list[str] = []

    async def record(_url: object, addresses: list[str], *_: object) -> Answer:
        called.extend(addresses)
        return Answer(204)

    monkeypatch.setattr(post, "_post", record)
    answers = iter([["8.8.8.8"], ["127.0.0.1"]])
    channel = WebhookChannel(resolve=lambda *_: next(answers))
    assert channel.send(make_message("http://rebinding.example/")) == Delivered()
    assert called == ["8.8.8.8"]
    assert channel.send(make_message("http://rebinding.example/")) == REFUSED
    assert called == ["8.8.8.8"]


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:7f00:1]"],
)
def test_no_spelling_of_this_machine_is_called(receiver: Receiver, host: str) -> None:
    port = urlsplit(receiver.url).port
    assert WebhookChannel().send(make_message(f"http://{host}:{port}/hook")) in {REFUSED, NO_URL}
    assert receiver.received == []


def test_the_next_address_is_called_when_the_first_refuses(receiver: Receiver) -> None:
    channel = WebhookChannel(LOOPBACK, resolve=lambda *_: ["127.0.0.2", "127.0.0.1"])
    assert channel.send(make_message(receiver.url)) == Delivered()


def test_the_certificate_is_the_names_though_the_address_is_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority = trustme.CA()
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    monkeypatch.setattr(post, "_tls", lambda: trusting)
    channel = WebhookChannel(LOOPBACK, resolve=lambda *_: ["127.0.0.1"])
    with listening(authority.issue_cert("hooks.example")) as receiver:
        port = urlsplit(receiver.url).port
        named = channel.send(make_message(f"https://hooks.example:{port}/hook"))
        other = channel.send(make_message(f"https://other.example:{port}/hook"))
    assert named == Delivered()
    assert other == Retry("no connection (ConnectError)")
    assert len(receiver.received) == 1


def test_an_answer_byte_by_byte_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post, "SECONDS", 0.5)
    stop = threading.Event()

    def drip(server: socket.socket) -> None:
        peer, _ = server.accept()
        with peer, suppress(OSError):
            while not stop.wait(0.05):
                peer.send(b"H")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drip, args=[server])
        thread.start()
        port = server.getsockname()[1]
        result = WebhookChannel(LOOPBACK).send(make_message(f"http://127.0.0.1:{port}/"))
        stop.set()
        thread.join()
    assert isinstance(result, Retry)
    assert result.error == "no answer within 0.5 seconds"


def test_the_environment_names_no_proxy(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    assert WebhookChannel(LOOPBACK).send(make_message(receiver.url)) == Delivered()


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Delivered()),
        (299, Delivered()),
        (307, Retry("HTTP 307")),
        (410, GaveUp("HTTP 410", is_gone=True)),
        (502, Retry("HTTP 502")),
    ],
)
def test_what_an_answer_means(status: int, expected: object) -> None:
    assert outcome(Answer(status), STARTED) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wed, 18 Mar 2026 14:03:00 GMT", timedelta(minutes=1)),
        ("Wed, 18 Mar 2026 14:03:00 -0000", timedelta(minutes=1)),
        ("Wed, 18 Mar 2026 13:00:00 GMT", timedelta()),
        (" 7 ", timedelta(seconds=7)),
        ("-7", None),
        ("9" * 30, None),
        ("", None),
        (None, None),
    ],
)
def test_the_wait_a_target_asks_for(text: str | None, expected: timedelta | None) -> None:
    assert retry_after(text, STARTED) == expected
