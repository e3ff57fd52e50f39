"""When people are told: at once, together, after quiet hours, and not in a flood."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core import mail
from django.db import connection
from pytest_django.fixtures import Settings

from aggregator import alerting, bundles
from aggregator.alerting import DeliveryResult, deliver_due, enqueue
from aggregator.models import Alert, OutageEvent, Subscription
from aggregator.models.alert import AlertState, Cadence
from aggregator.models.outage import EventKind, State
from tests.factories import make_event, make_outage, make_subscription
from tests.receiver import Receiver

pytestmark = pytest.mark.django_db
ANN = "ann@mail.example"


def subscribe(**manner: object) -> Subscription:
    """Ann, told in a manner of her own."""
    made = make_subscription(ANN)
    for name, value in manner.items():
        setattr(made, name, value)
    made.save()
    return made


def due(at: datetime) -> tuple[datetime, bool]:
    """When a move of that instant is due for the one subscriber, and whether with others."""
    event = make_event(make_outage())
    OutageEvent.objects.filter(pk=event.pk).update(at=at)
    event.at = at
    enqueue(event)
    alert = Alert.objects.get()
    return alert.due_at, alert.is_gathered


def utc(text: str) -> datetime:
    """`2026-03-18 14:02` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("manner", "at", "expected"),
    [
        ({}, "2026-03-18 14:02", "2026-03-18 14:02"),
        ({"cadence": Cadence.HOURLY}, "2026-03-18 14:02", "2026-03-18 15:00"),
        ({"cadence": Cadence.DAILY}, "2026-03-18 14:02", "2026-03-19 08:00"),
        ({"cadence": Cadence.DAILY}, "2026-03-18 07:59", "2026-03-18 08:00"),
        # Eight in the morning in Berlin, the day the clocks go forward: UTC+2.
        (
            {"cadence": Cadence.DAILY, "time_zone": "Europe/Berlin"},
            "2026-03-28 14:02",
            "2026-03-29 06:00",
        ),
        # Half past, in a zone of half an hour.
        (
            {"cadence": Cadence.HOURLY, "time_zone": "Asia/Kolkata"},
            "2026-03-18 14:02",
            "2026-03-18 14:30",
        ),
    ],
)
def test_the_cadence_says_when(manner: dict[str, object], at: str, expected: str) -> None:
    subscribe(**manner)
    assert due(utc(at)) == (utc(expected), at != expected)


@pytest.mark.parametrize(
    ("quiet", "at", "expected"),
    [
        ((time(22), time(7)), "2026-03-18 21:59", "2026-03-18 21:59"),
        ((time(22), time(7)), "2026-03-18 22:00", "2026-03-19 07:00"),
        ((time(22), time(7)), "2026-03-19 03:00", "2026-03-19 07:00"),
        ((time(22), time(7)), "2026-03-19 07:00", "2026-03-19 07:00"),
        ((time(12), time(14)), "2026-03-18 13:00", "2026-03-18 14:00"),
    ],
)
def test_quiet_hours_hold_back_until_their_end(
    quiet: tuple[time, time], at: str, expected: str
) -> None:
    subscribe(quiet_from=quiet[0], quiet_until=quiet[1])
    assert due(utc(at)) == (utc(expected), at != expected)


def test_quiet_hours_are_those_on_the_subscribers_wall() -> None:
    subscribe(quiet_from=time(22), quiet_until=time(7), time_zone="America/New_York")
    # 22:30 in New York, which is on daylight saving time.
    assert due(utc("2026-03-19 02:30")) == (utc("2026-03-19 11:00"), True)


def test_what_is_told_together_is_one_mail_with_one_line_an_outage() -> None:
    subscribe(cadence=Cadence.HOURLY)
    claude, github = make_outage("claude"), make_outage("github")
    for outage in (claude, github):
        enqueue(make_event(outage))
    enqueue(make_event(claude, EventKind.CONFIRMED, State.CONFIRMED))
    assert deliver_due(utc("2026-03-18 14:59")) == DeliveryResult()
    assert deliver_due(utc("2026-03-18 15:00")) == DeliveryResult(sent=1)
    [sent] = mail.outbox
    assert sent.subject == "2 outages: Github, Claude"
    assert "Github: possible outage" in sent.body
    assert "Claude: outage confirmed" in sent.body
    assert "Claude: possible outage" not in sent.body
    assert set(Alert.objects.values_list("state", flat=True)) == {AlertState.SENT}
    assert deliver_due(utc("2026-03-18 16:00")) == DeliveryResult()


def test_a_night_of_one_outage_is_told_by_how_it_ended() -> None:
    subscribe(quiet_from=time(12), quiet_until=time(18))
    outage = make_outage()
    for kind, state in [(EventKind.OPENED, State.POSSIBLE), (EventKind.CLOSED, State.OVER)]:
        enqueue(make_event(outage, kind, state))
    assert deliver_due(utc("2026-03-18 18:00")) == DeliveryResult(sent=1)
    assert [sent.subject for sent in mail.outbox] == ["Claude: outage over"]


def test_a_flood_is_told_together_after_its_first_ones() -> None:
    subscribe(hourly_cap=2)
    for _ in range(5):
        outage = make_outage()
        enqueue(make_event(outage))
        outage.state, outage.ended_at = State.OVER, outage.started_at
        outage.save()
    assert deliver_due(utc("2026-03-18 14:30")) == DeliveryResult(sent=2)
    assert deliver_due(utc("2026-03-18 15:00")) == DeliveryResult(sent=1)
    assert [sent.subject for sent in mail.outbox] == [
        "Claude: possible outage",
        "Claude: possible outage",
        "3 outages: Claude",
    ]


def test_after_an_hour_one_is_told_at_once_again() -> None:
    subscribe(hourly_cap=1)
    enqueue(make_event(make_outage("claude")))
    enqueue(make_event(make_outage("github")))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE aggregator_alert SET created_at = created_at - interval '61 minutes'"
        )
    enqueue(make_event(make_outage("aws")))
    gathered = Alert.objects.order_by("event_id").values_list("is_gathered", flat=True)
    assert list(gathered) == [False, True, False]


def test_a_repeat_after_a_crash_says_the_same_with_the_same_id() -> None:
    subscribe(cadence=Cadence.HOURLY)
    for slug in ("claude", "github"):
        enqueue(make_event(make_outage(slug)))
    at = utc("2026-03-18 15:00")
    [first] = alerting._lease(at, 10)  # and whoever leased dies
    enqueue(make_event(make_outage("aws")))
    later = at + alerting.LEASE + timedelta(seconds=1)
    assert deliver_due(later) == DeliveryResult(sent=2)
    repeat, more = mail.outbox
    assert repeat.subject == "2 outages: Claude, Github"
    assert str(first.id) in repeat.extra_headers["Message-ID"]
    assert more.subject == "Aws: possible outage"


def test_a_later_move_waits_for_the_message_that_holds_the_earlier(
    settings: Settings,
) -> None:
    mine = subscribe(cadence=Cadence.HOURLY)
    outage = make_outage()
    enqueue(make_event(outage))
    enqueue(make_event(make_outage("github")))
    bundles.bind(utc("2026-03-18 15:00"))
    Subscription.objects.filter(pk=mine.pk).update(cadence=Cadence.INSTANT)
    enqueue(make_event(outage, EventKind.CLOSED, State.OVER))
    settings.EMAIL_BACKEND = "tests.aggregator.test_together.Broken"
    assert deliver_due(utc("2026-03-18 15:00")) == DeliveryResult(retried=1)
    assert set(Alert.objects.values_list("last_error", flat=True)) == {
        "",
        "no mail server (ConnectionRefusedError)",
    }


class Broken:
    """A mail server that is not there."""

    def __init__(self, **_: object) -> None:
        """Take whatever Django gives."""

    def send_messages(self, _messages: object) -> int:
        """Fail as a closed port does."""
        raise ConnectionRefusedError


def test_a_person_with_several_subscriptions_is_told_once_and_to_the_end() -> None:
    make_subscription(ANN)
    make_subscription(ANN, slug="claude")
    outage = make_outage()
    assert enqueue(make_event(outage)) == 1
    assert enqueue(make_event(outage, EventKind.CONFIRMED, State.CONFIRMED)) == 1
    assert enqueue(make_event(outage, EventKind.CLOSED, State.OVER)) == 1
    assert Alert.objects.values("subscription").distinct().count() == 1


def test_each_webhook_of_one_address_is_told(receiver: Receiver) -> None:
    make_subscription(receiver.url)
    make_subscription(receiver.url)
    assert enqueue(make_event(make_outage())) == 2


def test_a_category_is_told_of_its_services_only() -> None:
    mine = make_subscription(ANN)
    outage = make_outage()
    mine.category = outage.service.category
    mine.save()
    assert enqueue(make_event(outage)) == 1
    other = type(outage.service.category).objects.create(slug="games", name="Games")
    Subscription.objects.update(category=other)
    assert enqueue(make_event(make_outage("github"))) == 0
