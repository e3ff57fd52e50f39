"""Outages are opened, moved and ended by one verb each, and a person's word wins."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from aggregator import outages
from aggregator.clock import end_of, minute_of, start_of
from aggregator.detection import Move, Numbers, Reason, State
from aggregator.models import Alert, Outage, OutageEvent, Subscription
from reports.models import ModerationEntry, Service
from reports.trail import Doing

pytestmark = pytest.mark.django_db

T = minute_of(datetime(2026, 3, 18, 14, 5, tzinfo=UTC))
NUMBERS = Numbers(
    region="",
    window=5,
    observed=120,
    expected=4.0,
    low=1.0,
    high=9.0,
    z=14.2,
    networks=80,
    parameters="1",
)
OPENING = Move(
    service="claude",
    from_state=None,
    to_state=State.POSSIBLE,
    reason=Reason.SURGE,
    minute=T,
    started=T - 4,
    regions=("US",),
    region="US",
    peak_count=120,
    expected_at_peak=12.0,
    cause=None,
    numbers=NUMBERS,
)
CONFIRMING = replace(
    OPENING, from_state=State.POSSIBLE, to_state=State.CONFIRMED, minute=T + 3, peak_count=300
)
CLOSING = replace(
    CONFIRMING, from_state=State.CONFIRMED, to_state=State.OVER, reason=Reason.QUIET, minute=T + 90
)
REOPENING = replace(OPENING, from_state=State.OVER, minute=T + 120, started=T + 118)


@pytest.fixture
def moderator() -> User:
    """Somebody who may decide."""
    return User.objects.create_user("alice")


def test_opening_move_writes_outage_with_its_event(claude: Service) -> None:
    event = outages.apply(OPENING)
    outage = Outage.objects.get()
    assert (outage.service, outage.state, outage.region_id) == (claude, "possible", "US")
    assert outage.started_at == start_of(T - 4)
    assert outage.detected_at == end_of(T)
    assert (outage.peak_count, outage.expected_at_peak) == (120, 12.0)
    assert event is not None
    assert (event.kind, event.from_state, event.to_state) == ("opened", "", "possible")
    assert event.numbers["z"] == 14.2
    assert event.numbers["rule"] == "surge"


def test_episode_is_one_outage_with_all_its_events() -> None:
    widening = replace(
        CONFIRMING, from_state=State.CONFIRMED, regions=("",), region="", reason=Reason.SCOPE
    )
    for move in (OPENING, CONFIRMING, widening, CLOSING, REOPENING):
        outages.apply(move)
    outage = Outage.objects.get()
    assert outage.state == "possible"
    assert outage.confirmed_at == end_of(T + 3)
    assert outage.ended_at is None
    assert outage.peak_count == 300
    kinds = list(outage.events.values_list("kind", flat=True))
    assert kinds == ["opened", "confirmed", "scope", "closed", "reopened"]


def test_new_episode_is_a_new_outage() -> None:
    for move in (OPENING, CONFIRMING, CLOSING):
        outages.apply(move)
    outages.apply(replace(OPENING, minute=T + 1000, started=T + 998))
    assert Outage.objects.count() == 2
    assert Outage.objects.filter(state="over").count() == 1


def test_second_open_outage_of_a_service_is_refused_by_the_database() -> None:
    outages.apply(OPENING)
    first = Outage.objects.get()
    first.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        first.save(force_insert=True)


def test_move_of_an_outage_that_was_retracted_is_ignored(moderator: User) -> None:
    outages.apply(OPENING)
    outage = Outage.objects.get()
    now = end_of(T + 2)
    outages.retract(outage.pk, Doing(moderator, "A joke on the radio.", now))
    assert outages.apply(CONFIRMING) is None
    outage.refresh_from_db()
    assert (outage.state, outage.retracted_at, outage.ended_at) == ("retracted", now, now)


def test_move_without_an_outage_makes_one() -> None:
    outages.apply(CONFIRMING)
    assert Outage.objects.get().state == "confirmed"


def test_closing_move_without_an_outage_makes_none() -> None:
    assert outages.apply(CLOSING) is None
    assert not Outage.objects.exists()


def test_alerts_are_written_with_the_move() -> None:
    Subscription.objects.create(
        channel="webhook", target="https://example.org/hook", least_state="possible"
    )
    event = outages.apply(OPENING)
    assert Alert.objects.get().event == event


def test_confirming_by_hand_leaves_a_trail(moderator: User) -> None:
    outages.apply(OPENING)
    outage = Outage.objects.get()
    now = end_of(T) + timedelta(seconds=20)
    event = outages.confirm(outage.pk, Doing(moderator, "Seen it myself.", now))
    outage.refresh_from_db()
    assert (outage.state, outage.confirmed_at) == ("confirmed", now)
    assert (event.kind, event.reason) == ("confirmed", "Seen it myself.")
    entry = ModerationEntry.objects.get()
    assert (entry.act, entry.by, entry.at) == ("confirm", moderator, now)


def test_confirming_an_ended_outage_is_refused(moderator: User) -> None:
    for move in (OPENING, CONFIRMING, CLOSING):
        outages.apply(move)
    with pytest.raises(outages.NotPossibleError, match="over"):
        outages.confirm(Outage.objects.get().pk, Doing(moderator, "?", end_of(T + 99)))
    assert OutageEvent.objects.count() == 3


def test_retracting_an_ended_outage_keeps_its_end(moderator: User) -> None:
    for move in (OPENING, CONFIRMING, CLOSING):
        outages.apply(move)
    outage = Outage.objects.get()
    outages.retract(outage.pk, Doing(moderator, "Spam.", end_of(T + 200)))
    outage.refresh_from_db()
    assert outage.ended_at == end_of(T + 90)
    assert outage.retracted_at == end_of(T + 200)
