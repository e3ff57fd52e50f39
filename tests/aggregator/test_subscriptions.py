"""Subscriptions: made with a checked address, ended, given a new secret; and their command."""

import base64
import dataclasses
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from aggregator.models import Subscription
from aggregator.models.alert import SubscriptionChannel
from aggregator.models.outage import State
from aggregator.subscriptions import Manner, Wish, create, deactivate, rotate
from tests.factories import make_subscription

pytestmark = pytest.mark.django_db

WEBHOOK = Wish(SubscriptionChannel.WEBHOOK, "https://hooks.example/outcry")


def test_a_webhook_gets_a_secret_of_32_random_bytes() -> None:
    made = [create(WEBHOOK), create(WEBHOOK)]
    for subscription in made:
        prefix, _, secret = subscription.secret.partition("_")
        assert (prefix, len(base64.b64decode(secret))) == ("whsec", 32)
    assert made[0].secret != made[1].secret
    assert made[0].is_active
    assert made[0].least_state == State.CONFIRMED


def test_an_email_has_no_secret_and_keeps_its_wishes() -> None:
    wish = Wish(SubscriptionChannel.EMAIL, " ann@mail.example ", "claude", "US", State.POSSIBLE)
    made = Subscription.objects.get(pk=create(wish).pk)
    assert (made.target, made.secret) == ("ann@mail.example", "")
    assert made.service
    assert (made.service.slug, made.region_id) == ("claude", "US")
    assert made.least_state == State.POSSIBLE


@pytest.mark.parametrize(
    "target",
    [
        "",
        "hooks.example",
        "ftp://hooks.example/",
        "https://",
        "https:///path",
        "https://hooks.example:port/",
        "https://[broken/",
        "https://hooks.example/a b",
        "https://ann:secret@hooks.example/",
        "https://hooks.example/" + "a" * 2000,
    ],
)
def test_what_is_no_web_address_is_refused(target: str) -> None:
    with pytest.raises(ValidationError) as refused:
        create(Wish(SubscriptionChannel.WEBHOOK, target))
    assert set(refused.value.message_dict) == {"target"}


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST.",
        "db.localhost",
        "printer.local",
        "metadata.google.internal",
        "127.0.0.1",
        "10.0.0.7",
        "169.254.169.254",
        "2130706433",
        "0x7f.1",
        "[::1]",
        "[::ffff:10.0.0.1]",
    ],
)
def test_what_names_an_address_inside_is_refused(host: str) -> None:
    with pytest.raises(ValidationError, match="public internet"):
        create(Wish(SubscriptionChannel.WEBHOOK, f"https://{host}/"))


def test_a_public_name_and_a_public_address_are_accepted() -> None:
    for host in ("hooks.example", "8.8.8.8", "[2606:4700::1111]"):
        assert create(Wish(SubscriptionChannel.WEBHOOK, f"https://{host}:8443/a?b")).pk


@pytest.mark.parametrize("target", ["", "ann", "ann@", "ann@mail.example\nBcc: eve@x", "a@b@c"])
def test_what_is_no_email_address_is_refused(target: str) -> None:
    with pytest.raises(ValidationError) as refused:
        create(Wish(SubscriptionChannel.EMAIL, target))
    assert set(refused.value.message_dict) == {"target"}


@pytest.mark.parametrize(
    ("field", "wish"),
    [
        ("service", dataclasses.replace(WEBHOOK, service="nothing")),
        ("category", dataclasses.replace(WEBHOOK, category="nothing")),
        ("region", dataclasses.replace(WEBHOOK, region="XX")),
        ("least_state", dataclasses.replace(WEBHOOK, least_state="over")),
        ("channel", dataclasses.replace(WEBHOOK, channel="pigeon")),
        ("style", dataclasses.replace(WEBHOOK, manner=Manner(style="morse"))),
        ("language", dataclasses.replace(WEBHOOK, manner=Manner(language="tlh"))),
        ("time_zone", dataclasses.replace(WEBHOOK, manner=Manner(time_zone="Mars"))),
        ("cadence", dataclasses.replace(WEBHOOK, manner=Manner(cadence="daily"))),
    ],
)
def test_what_is_unknown_is_refused_by_its_name(field: str, wish: Wish) -> None:
    with pytest.raises(ValidationError) as refused:
        create(wish)
    assert set(refused.value.message_dict) == {field}


def test_a_subscription_ends_once_and_says_why() -> None:
    other, subscription = make_subscription(), make_subscription()
    assert deactivate(subscription.pk, "asked for")
    assert not deactivate(subscription.pk, "again")
    subscription.refresh_from_db()
    assert (subscription.is_active, subscription.disabled_reason) == (False, "asked for")
    other.refresh_from_db()
    assert other.is_active


def test_rotate_gives_a_webhook_another_secret_and_keeps_the_one_before() -> None:
    subscription = make_subscription()
    before, secret = subscription.secret, rotate(subscription.pk)
    assert secret != before
    subscription.refresh_from_db()
    assert (subscription.secret, subscription.earlier_secret) == (secret, before)
    with pytest.raises(Subscription.DoesNotExist):
        rotate(make_subscription("ann@mail.example").pk)


def test_subscribe_prints_the_secret_once() -> None:
    out = StringIO()
    url = "https://hooks.example/"
    call_command("subscribe", "--webhook", url, "--service", "claude", "--region", "", stdout=out)
    made = Subscription.objects.get()
    assert made.region_id == ""
    assert out.getvalue().splitlines()[-1] == made.secret


def test_subscribe_by_email_prints_no_secret() -> None:
    out = StringIO()
    call_command("subscribe", "--email", "ann@mail.example", "--least", "possible", stdout=out)
    made = Subscription.objects.get()
    assert out.getvalue() == f"Subscription {made.pk} made.\n"
    assert (made.least_state, made.region_id) == (State.POSSIBLE, None)


def test_subscribe_tells_what_is_wrong() -> None:
    with pytest.raises(CommandError, match="There is no service nothing"):
        call_command("subscribe", "--email", "ann@mail.example", "--service", "nothing")
