"""Web push: what a browser can read, and nobody else."""

import base64
import json
from dataclasses import replace

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ValidationError
from py_vapid import Vapid02

from aggregator import push_keys
from aggregator.alerting import DeliveryResult, deliver_due, enqueue
from aggregator.channels.message import Delivered, GaveUp, Outcome, Retry
from aggregator.channels.post import Poster
from aggregator.channels.push import PushChannel
from aggregator.models import PushKey, Subscription
from aggregator.models.alert import SubscriptionChannel
from aggregator.subscriptions import Wish, create
from tests.aggregator.test_deliver import now
from tests.aggregator.test_webhook import LOOPBACK, make_message
from tests.factories import make_event, make_outage, make_subscription
from tests.receiver import Receiver

AUTH = b"sixteen letters!"


def browser_keys() -> tuple[str, ec.EllipticCurvePrivateKey]:
    """What a browser gives away, as JSON, and what it keeps."""
    own = ec.generate_private_key(ec.SECP256R1())
    point = own.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )
    parts = {"p256dh": point, "auth": AUTH}
    text = {
        name: base64.urlsafe_b64encode(value).rstrip(b"=").decode() for name, value in parts.items()
    }
    return json.dumps(text), own


@pytest.fixture
def site_key(db: None) -> str:
    """The site's private key, and none remembered afterwards."""
    push_keys.forget()
    return push_keys.private_key()


def send(receiver: Receiver, site_key: str, secret: str) -> Outcome:
    """Push a confirmed Outage to the receiver."""
    channel = PushChannel(site_key, "https://outcry.example", Poster(LOOPBACK))
    return channel.send(replace(make_message(receiver.url), secret=secret))


def test_the_browser_reads_what_was_pushed(receiver: Receiver, site_key: str) -> None:
    public, own = browser_keys()
    receiver.answer = lambda _: (201, {})
    assert send(receiver, site_key, public) == Delivered()
    [request] = receiver.received
    text = http_ece.decrypt(request.body, private_key=own, auth_secret=AUTH)
    said = json.loads(text)
    assert said["title"] == "Claude: outage confirmed"
    assert said["url"] == "https://outcry.example/outages/7/"
    assert request.headers["content-encoding"] == "aes128gcm"
    assert b"Claude" not in request.body


def test_the_push_service_knows_the_site_by_its_key(receiver: Receiver, site_key: str) -> None:
    send(receiver, site_key, browser_keys()[0])
    headers = receiver.received[0].headers
    assert Vapid02.verify(headers["authorization"])
    assert f"k={push_keys.public_key()}" in headers["authorization"]
    assert headers["topic"] == "outage-7"
    assert int(headers["ttl"]) > 0


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (404, GaveUp("HTTP 404", is_gone=True)),
        (410, GaveUp("HTTP 410", is_gone=True)),
        (429, Retry("HTTP 429")),
        (500, Retry("HTTP 500")),
    ],
)
def test_what_the_push_service_answers(
    receiver: Receiver, site_key: str, status: int, expected: Outcome
) -> None:
    receiver.answer = lambda _: (status, {})
    assert send(receiver, site_key, browser_keys()[0]) == expected


def test_nothing_inside_is_called_for_a_browser(receiver: Receiver, site_key: str) -> None:
    message = replace(make_message(receiver.url), secret=browser_keys()[0])
    channel = PushChannel(site_key, "https://outcry.example")
    assert channel.send(message) == Retry("the address is not a public one")
    assert receiver.received == []


def test_a_browser_that_is_gone_is_forgotten(
    receiver: Receiver, site_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.channels.destination.is_public", lambda _: True)
    subscription = make_subscription(receiver.url)
    subscription.channel, subscription.secret = SubscriptionChannel.PUSH, browser_keys()[0]
    subscription.save()
    enqueue(make_event(make_outage()))
    receiver.answer = lambda _: (410, {})
    assert deliver_due(now()) == DeliveryResult(failed=1)
    assert not Subscription.objects.exists()


def test_the_sites_key_is_made_once(site_key: str) -> None:
    push_keys.forget()
    assert push_keys.private_key() == site_key
    assert PushKey.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "keys", ["", "[]", "{}", '{"p256dh": "eA", "auth": "eA"}', '{"p256dh": "!", "auth": 1}']
)
def test_what_are_no_keys_of_a_browser_is_refused(keys: str) -> None:
    wish = Wish(SubscriptionChannel.PUSH, "https://push.example/1", browser_keys=keys)
    with pytest.raises(ValidationError):
        create(wish)
