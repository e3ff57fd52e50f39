"""Subscriptions kept with an API key, through HTTP."""

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from aggregator import signups, trials
from aggregator.alerting import enqueue
from aggregator.models import Alert, Subscription
from aggregator.subscriptions import rotate
from reports.access import make_key
from reports.models import ApiKey
from reports.models.access import Scope
from tests.factories import make_event, make_outage, make_subscription
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db
PATH = "/api/v1/subscriptions"
HOOK = {"channel": "webhook", "target": "https://hooks.example/x", "service": "claude"}


@pytest.fixture
def key() -> dict[str, str]:
    """The header of a key that may subscribe."""
    return {"Authorization": f"Bearer {make_key('Ann', [Scope.SUBSCRIBE])}"}


def send(client: Client, key: dict[str, str], **more: object) -> object:
    """Subscribe; the answer."""
    body = {**HOOK, **more}
    return client.post(PATH, body, content_type="application/json", headers=key)


def test_a_webhook_is_made_with_its_secret_shown_once(client: Client, key: dict[str, str]) -> None:
    answer = client.post(PATH, HOOK, content_type="application/json", headers=key)
    assert answer.status_code == 201
    assert answer["Cache-Control"] == "no-store"
    made = Subscription.objects.get()
    assert answer.json()["secret"] == made.secret
    assert (made.owner and made.owner.name, made.by_operator) == ("Ann", False)
    again = client.get(f"{PATH}/{made.pk}", headers=key).json()
    assert again["secret"] is None
    assert (again["service"], again["region"], again["is_active"]) == ("claude", None, True)
    assert again["created_at"].endswith("Z")


def test_a_key_sees_its_own_alone(client: Client, key: dict[str, str]) -> None:
    other = make_subscription()
    client.post(PATH, HOOK, content_type="application/json", headers=key)
    listed = client.get(PATH, headers=key).json()
    assert [one["target"] for one in listed["results"]] == [HOOK["target"]]
    for path in (f"{PATH}/{other.pk}", f"{PATH}/999"):
        assert client.get(path, headers=key).status_code == 404
        assert client.delete(path, headers=key).status_code == 404
    for act in ("test", "secret"):
        assert client.post(f"{PATH}/{other.pk}/{act}", headers=key).status_code == 404
    assert Subscription.objects.filter(pk=other.pk).exists()


def test_without_a_key_or_its_scope_nothing_opens(client: Client) -> None:
    assert client.get(PATH).status_code == 401
    assert client.get(PATH, headers={"Authorization": "Bearer nothing"}).status_code == 401
    reporter = {"Authorization": f"Bearer {make_key('Bob', [Scope.REPORT])}"}
    for answer in (
        client.get(PATH, headers=reporter),
        client.post(PATH, HOOK, content_type="application/json", headers=reporter),
    ):
        assert answer.status_code == 403
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"channel": "push"}, "channel"),
        ({"target": "http://127.0.0.1/"}, "target"),
        ({"target": 7}, "target"),
        ({"service": "nothing"}, "service"),
        ({"region": "XX"}, "region"),
        ({"least_state": "over"}, "least_state"),
        ({"cadence": "daily"}, "cadence"),
        ({"quiet_from": "25:00"}, "quiet_from"),
        ({"style": "morse"}, "style"),
    ],
)
def test_what_is_wrong_is_named(
    client: Client, key: dict[str, str], wrong: dict[str, object], field: str
) -> None:
    body = {**HOOK, **wrong}
    answer = client.post(PATH, body, content_type="application/json", headers=key)
    assert answer.status_code == 422
    assert set(answer.json()["errors"]) == {field}
    assert not Subscription.objects.exists()


@pytest.mark.parametrize("body", ["", "[]", "7", "{", '{"a": 1}'])
def test_what_is_no_subscription_is_refused(client: Client, key: dict[str, str], body: str) -> None:
    answer = client.post(PATH, body, content_type="application/json", headers=key)
    assert answer.status_code in {400, 422}
    assert answer["Content-Type"] == "application/problem+json"


def test_a_mail_address_has_to_confirm(client: Client, key: dict[str, str]) -> None:
    body = {"channel": "email", "target": "ann@mail.example", "cadence": "daily"}
    answer = client.post(PATH, body, content_type="application/json", headers=key)
    assert (answer.status_code, answer.json()) == (202, {"state": "confirmation"})
    assert not Subscription.objects.exists()
    signups.send_due(timezone.now())
    assert [sent.to for sent in mail.outbox] == [["ann@mail.example"]]


def test_delete_forgets_the_target_and_what_was_told(client: Client, key: dict[str, str]) -> None:
    client.post(PATH, HOOK, content_type="application/json", headers=key)
    enqueue(make_event(make_outage(), to_state=Subscription.objects.get().least_state))  # type: ignore[arg-type]
    made = Subscription.objects.get()
    assert client.delete(f"{PATH}/{made.pk}", headers=key).status_code == 204
    assert not Subscription.objects.exists()
    assert not Alert.objects.exists()


def test_a_test_is_sent_and_told_of(
    client: Client, key: dict[str, str], receiver: Receiver
) -> None:
    made = make_subscription(receiver.url)
    Subscription.objects.update(owner=ApiKey.objects.get())
    path = f"{PATH}/{made.pk}"
    assert client.post(f"{path}/test", headers=key).status_code == 202
    assert client.post(f"{path}/test", headers=key).status_code == 429
    trials.send_asked(timezone.now())
    assert receiver.received[0].verified()["type"] == "outage.test"
    assert client.get(path, headers=key).json()["test"] == "delivered"


def test_rotating_shows_the_new_secret_once(client: Client, key: dict[str, str]) -> None:
    client.post(PATH, HOOK, content_type="application/json", headers=key)
    made = Subscription.objects.get()
    answer = client.post(f"{PATH}/{made.pk}/secret", headers=key)
    made.refresh_from_db()
    assert answer.json()["secret"] == made.secret
    assert made.earlier_secret
    assert rotate(made.pk) != made.secret


def test_the_list_costs_as_much_for_many(
    client: Client, key: dict[str, str], django_assert_max_num_queries: object
) -> None:
    for number in range(5):
        send(client, key, target=f"https://hooks.example/{number}")
    with django_assert_max_num_queries(4):  # type: ignore[operator]  # the plugin's
        assert len(client.get(PATH, headers=key).json()["results"]) == 5


def test_a_revoked_key_opens_nothing_more(client: Client, key: dict[str, str]) -> None:
    client.post(PATH, HOOK, content_type="application/json", headers=key)
    assert Subscription.objects.count() == 1
    ApiKey.objects.update(revoked_at=timezone.now())
    assert client.get(PATH, headers=key).status_code == 401
