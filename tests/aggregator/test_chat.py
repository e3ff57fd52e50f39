"""Chat services: real requests by `apprise`, and whose addresses strangers may name."""

import json
import logging
from dataclasses import replace

import pytest

from aggregator.channels.chat import ChatChannel, NotAChatError, service_of
from aggregator.channels.message import Delivered, GaveUp, Message, Retry
from tests.aggregator.test_webhook import make_message
from tests.receiver import Receiver

CHANNEL = ChatChannel("Outcry", "https://outcry.example")
LONG = "a" * 64
TEAMS = (
    "https://prod-00.westus.logic.azure.com:443/workflows/643e69f83c8944/triggers/manual/paths/"
    "invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=KODuebWbDGYFr0z0eu"
)


def local(receiver: Receiver, *, is_trusted: bool = True) -> Message:
    """A message to the receiver, in apprise's own JSON."""
    target = receiver.url.replace("http://", "json://")
    return replace(make_message(target), is_trusted=is_trusted)


def test_the_operators_own_service_gets_the_text(receiver: Receiver) -> None:
    assert CHANNEL.send(local(receiver)) == Delivered()
    said = json.loads(receiver.received[0].body)
    assert said["title"] == "Claude: outage confirmed"
    assert "532" in said["message"]
    assert "https://outcry.example/outages/7/" in said["message"]


def test_a_refusal_is_tried_again_and_a_redirect_is_not_followed(receiver: Receiver) -> None:
    for status in (500, 302):
        receiver.received.clear()
        receiver.answer = lambda _, status=status: (status, {"location": receiver.url + "/inside"})  # type: ignore[misc]
        assert CHANNEL.send(local(receiver)) == Retry("the service did not take it")
        assert len(receiver.received) == 1


def test_a_stranger_can_not_name_a_host(receiver: Receiver) -> None:
    assert isinstance(CHANNEL.send(local(receiver, is_trusted=False)), GaveUp)
    assert receiver.received == []


def test_no_address_is_logged(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        receiver.answer = lambda _: (500, {})
        CHANNEL.send(local(receiver))
    assert "/hook" not in caplog.text


@pytest.mark.parametrize(
    "target",
    [
        "discord://123456789012345678/" + LONG,
        "https://discord.com/api/webhooks/123456789012345678/" + LONG,
        "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        "tgram://123456789:abcdefg_hijklmnop/12315544",
        "ntfy://mytopic",
        "https://ntfy.sh/mytopic",
        "gchat://workspace/webhook/token",
        "matrix://" + LONG,
        TEAMS,
    ],
)
def test_strangers_may_name_services_whose_host_is_fixed(target: str) -> None:
    assert service_of(target, is_trusted=False)


@pytest.mark.parametrize(
    "target",
    [
        "",
        "json://example.com/",
        "xml://example.com/",
        "form://example.com/",
        "syslog://",
        "dbus://",
        "mailto://ann:secret@mail.example",
        "ntfys://ntfy.example/topic",
        "ntfys://127.0.0.1/topic",
        "ntfy://mytopic?mode=private",
        "matrix://user:password@matrix.example/#room",
        "mmost://10.0.0.1/token",
        "rocket://user:password@localhost/#room",
        "workflows://169.254.169.254:80/workflow/signature",
        "discord://123456789012345678/" + LONG + "?template=/etc/passwd",
        "discord://123456789012345678/" + LONG + "?cto=86400",
        "https://example.com/hook",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        TEAMS.replace(".logic.azure.com", ".logic.azure.com.evil.example"),
        TEAMS.replace(".logic.azure.com", ".evil.example"),
    ],
)
def test_strangers_may_name_nothing_else(target: str) -> None:
    with pytest.raises(NotAChatError):
        service_of(target, is_trusted=False)
