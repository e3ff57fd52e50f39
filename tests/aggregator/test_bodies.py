"""The bodies of webhooks in the words of other software, and the two signatures of a rotation."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import msgspec
import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from aggregator.alerting import DeliveryResult, deliver_due, enqueue
from aggregator.channels.bodies import Site, body_of
from aggregator.models import Subscription
from aggregator.statuspage_ids import Kind, id_of
from aggregator.subscriptions import new_secret, rotate
from tests.aggregator.test_deliver import now
from tests.aggregator.test_webhook import EVENT, OUTAGE, make_message
from tests.factories import SIGNING_SECRET, STARTED, make_event, make_outage, make_subscription
from tests.receiver import Receiver

SITE = Site("Outcry", "https://outcry.example")
ENDED = msgspec.structs.replace(OUTAGE, state="over", ended_at=STARTED + timedelta(hours=1))
OVER = msgspec.structs.replace(EVENT, kind="closed", to_state="over")
CAP = "{urn:oasis:names:tc:emergency:cap:1.2}"


def body(style: str, *, is_over: bool = False) -> bytes:
    """The body of a confirmed Outage, or of its end."""
    message = replace(make_message(), style=style)
    if is_over:
        message = replace(message, outage=ENDED, event=OVER)
    return body_of(message, SITE)[1]


def test_a_statuspage_body_has_what_its_readers_look_for() -> None:
    document = json.loads(body("statuspage"))
    assert set(document) == {"meta", "page", "incident"}
    incident = document["incident"]
    assert (incident["status"], incident["impact"]) == ("identified", "critical")
    assert incident["name"] == "Claude: outage confirmed"
    assert incident["created_at"] == "2026-03-18T14:05:00.000Z"
    assert incident["resolved_at"] is None
    [update] = incident["incident_updates"]
    assert update["incident_id"] == incident["id"]
    assert "532" in update["body"]
    # As zulip/zulip reads it.
    assert {"status_indicator", "status_description"} <= set(document["page"])
    assert len(incident["id"]) == 12


def test_a_statuspage_incident_keeps_its_id_to_the_end() -> None:
    begun, ended = json.loads(body("statuspage")), json.loads(body("statuspage", is_over=True))
    assert begun["incident"]["id"] == ended["incident"]["id"]
    assert (ended["incident"]["status"], ended["page"]["status_indicator"]) == ("resolved", "none")
    assert ended["incident"]["impact"] == "critical"
    assert ended["incident"]["resolved_at"] == "2026-03-18T15:02:00.000Z"


def test_a_component_body_has_the_shape_that_its_readers_take() -> None:
    document = json.loads(body("component"))
    assert set(document) == {"meta", "page", "component", "component_update"}
    component, update = document["component"], document["component_update"]
    # As in zulip/zulip, zerver/webhooks/statuspage/fixtures/component_status_update.json.
    assert set(component) == {
        *("id", "name", "status", "created_at", "updated_at", "position", "description"),
        *("showcase", "page_id", "group_id"),
    }
    assert set(update) == {
        *("id", "component_id", "component_type", "old_status", "new_status", "created_at"),
    }
    assert (component["name"], component["status"]) == ("Claude", "major_outage")
    assert component["id"] == update["component_id"] == id_of(Kind.SERVICE, 3)
    assert (update["old_status"], update["new_status"]) == ("degraded_performance", "major_outage")
    assert document["page"]["status_indicator"] == "critical"


@pytest.mark.parametrize(
    ("from_state", "to_state", "region", "old", "new"),
    [
        (None, "possible", None, "operational", "degraded_performance"),
        ("possible", "confirmed", "US", "degraded_performance", "partial_outage"),
        ("confirmed", "over", None, "major_outage", "operational"),
        ("possible", "retracted", None, "degraded_performance", "operational"),
        ("over", "possible", None, "operational", "degraded_performance"),
    ],
)
def test_a_component_changes_with_its_outage(
    from_state: str | None, to_state: str, region: str | None, old: str, new: str
) -> None:
    event = msgspec.structs.replace(EVENT, from_state=from_state, to_state=to_state, region=region)
    message = replace(make_message(), style="component", event=event)
    update = json.loads(body_of(message, SITE)[1])["component_update"]
    assert (update["old_status"], update["new_status"]) == (old, new)


def test_an_alertmanager_body_fires_and_resolves_the_same_alert() -> None:
    firing = json.loads(body("alertmanager"))
    resolved = json.loads(body("alertmanager", is_over=True))
    assert (firing["version"], firing["status"], resolved["status"]) == ("4", "firing", "resolved")
    [alert], [ended] = firing["alerts"], resolved["alerts"]
    assert alert["labels"]["service"] == "claude"
    assert alert["endsAt"] == "0001-01-01T00:00:00Z"
    assert ended["endsAt"] == "2026-03-18T15:02:00Z"
    assert alert["fingerprint"] == ended["fingerprint"]
    assert len(alert["fingerprint"]) == 16
    assert firing["groupKey"] == resolved["groupKey"]


def test_a_cap_body_has_its_elements_in_the_schemas_order() -> None:
    alert = ET.fromstring(body("cap"))  # noqa: S314 - our own
    assert [one.tag.removeprefix(CAP) for one in alert] == [
        *("identifier", "sender", "sent", "status", "msgType", "scope", "references", "info"),
    ]
    info = alert.find(f"{CAP}info")
    assert info is not None
    assert [one.tag.removeprefix(CAP) for one in info] == [
        *("language", "category", "event", "urgency", "severity", "certainty"),
        *("onset", "senderName", "headline", "description", "web", "area"),
    ]
    assert info.findtext(f"{CAP}certainty") == "Likely"
    assert alert.findtext(f"{CAP}sent") == "2026-03-18T14:07:00-00:00"
    area = info.find(f"{CAP}area")
    assert area is not None
    assert area.findtext(f"{CAP}areaDesc") == "United States, Germany"


def test_the_end_in_cap_is_past_and_all_clear() -> None:
    alert = ET.fromstring(body("cap", is_over=True))  # noqa: S314 - our own
    assert alert.findtext(f"{CAP}msgType") == "Update"
    assert alert.findtext(f"{CAP}info/{CAP}responseType") == "AllClear"
    assert alert.findtext(f"{CAP}info/{CAP}urgency") == "Past"


@pytest.mark.parametrize("style", ["outcry", "statuspage", "component", "alertmanager", "cap"])
@pytest.mark.django_db
def test_every_style_is_signed_and_small(receiver: Receiver, style: str) -> None:
    make_subscription(receiver.url)
    Subscription.objects.update(style=style)
    enqueue(make_event(make_outage(regions=["US"])))
    assert deliver_due(now()) == DeliveryResult(sent=1)
    [request] = receiver.received
    is_xml = style == "cap"
    assert request.headers["content-type"] == (
        "application/cap+xml" if is_xml else "application/json"
    )
    assert len(request.body) < 20_000
    # The reference library reads JSON; the signature is over the bytes, whatever they are.
    at = datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), tz=UTC)
    signed = Webhook(SIGNING_SECRET).sign(request.id, at, request.body.decode())
    assert request.headers["webhook-signature"] == signed


@pytest.mark.django_db
def test_for_a_day_after_a_rotation_both_secrets_verify(receiver: Receiver) -> None:
    mine = make_subscription(receiver.url)
    fresh = rotate(mine.pk)
    enqueue(make_event(make_outage()))
    deliver_due(now())
    [request] = receiver.received
    for secret in (SIGNING_SECRET, fresh):
        assert Webhook(secret).verify(request.body, request.headers)["type"] == "outage.opened"
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(request.body, request.headers)
    Subscription.objects.update(rotated_at=now() - timedelta(days=1, minutes=1))
    enqueue(make_event(make_outage("github")))
    deliver_due(now())
    with pytest.raises(WebhookVerificationError):
        Webhook(SIGNING_SECRET).verify(receiver.received[1].body, receiver.received[1].headers)
    assert Webhook(fresh).verify(receiver.received[1].body, receiver.received[1].headers)


@pytest.mark.django_db
def test_a_networks_allowance_holds_for_the_operators_webhooks_alone(receiver: Receiver) -> None:
    make_subscription(receiver.url)
    Subscription.objects.update(by_operator=False)
    enqueue(make_event(make_outage()))
    assert deliver_due(now()) == DeliveryResult(retried=1)
    assert receiver.received == []
    Subscription.objects.update(by_operator=True)
    assert deliver_due(now() + timedelta(seconds=10)) == DeliveryResult(sent=1)
