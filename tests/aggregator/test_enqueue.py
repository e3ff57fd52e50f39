"""Who is told of which move."""

import pytest

from aggregator.alerting import enqueue
from aggregator.models import Alert, OutageEvent, Subscription
from aggregator.models.alert import AlertState
from aggregator.models.outage import EventKind, State
from tests.factories import make_event, make_outage, make_subscription

pytestmark = pytest.mark.django_db


def told(event: OutageEvent) -> list[Subscription]:
    """Enqueue, and give those who have an Alert of the move."""
    count = enqueue(event)
    alerts = Alert.objects.filter(event=event).order_by("subscription")
    assert len(alerts) == count
    return [alert.subscription for alert in alerts.select_related("subscription")]


def test_an_alert_is_due_when_its_move_was_made() -> None:
    make_subscription()
    event = make_event(make_outage())
    enqueue(event)
    alert = Alert.objects.get()
    assert (alert.state, alert.attempts, alert.due_at) == (AlertState.PENDING, 0, event.at)
    assert alert.id.version == 7


def test_enqueue_twice_writes_one_alert() -> None:
    make_subscription()
    event = make_event(make_outage())
    assert (enqueue(event), enqueue(event)) == (1, 0)


def test_told_are_those_of_the_service_and_of_all_services() -> None:
    everything, claude = make_subscription(), make_subscription(slug="claude")
    make_subscription(slug="noise")
    make_subscription(is_active=False)
    assert told(make_event(make_outage())) == [everything, claude]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ([], ["", "US", "US-CA", "US-NY", "DE"]),
        (["US"], ["", "US", "US-CA", "US-NY"]),
        (["US-CA"], ["", "US", "US-CA"]),
        (["US-CA", "DE"], ["", "US", "US-CA", "DE"]),
        (["BR"], [""]),
    ],
)
def test_told_are_those_whose_region_holds_or_lies_in_the_scope(
    scope: list[str], expected: list[str]
) -> None:
    for code in ["", "US", "US-CA", "US-NY", "DE"]:
        make_subscription(region=code)
    event = make_event(make_outage(regions=scope))
    assert [subscription.region_id for subscription in told(event)] == expected


def test_a_possible_outage_is_told_only_to_those_who_ask_for_it() -> None:
    early = make_subscription(least_state=State.POSSIBLE)
    sure = make_subscription(least_state=State.CONFIRMED)
    outage = make_outage()
    assert told(make_event(outage)) == [early]
    assert told(make_event(outage, EventKind.CONFIRMED, State.CONFIRMED)) == [early, sure]


def test_the_end_is_told_to_those_who_heard_of_it_before() -> None:
    heard = make_subscription(region="US")
    make_subscription(region="DE")
    outage = make_outage(regions=["US"])
    enqueue(make_event(outage))
    make_subscription(region="US")
    over = make_event(outage, EventKind.CLOSED, State.OVER, regions=["BR"])
    assert told(over) == [heard]


def test_the_end_is_told_only_once() -> None:
    make_subscription(least_state=State.CONFIRMED)
    outage = make_outage()
    enqueue(make_event(outage, EventKind.CONFIRMED, State.CONFIRMED))
    assert len(told(make_event(outage, EventKind.CLOSED, State.OVER))) == 1
    # Opened again as possible only: below what was asked for, so its end is no news either.
    assert told(make_event(outage, EventKind.REOPENED, State.POSSIBLE)) == []
    assert told(make_event(outage, EventKind.CLOSED, State.OVER)) == []


def test_a_retraction_follows_even_the_end() -> None:
    subscription = make_subscription()
    outage = make_outage()
    for kind, state in [(EventKind.OPENED, State.POSSIBLE), (EventKind.CLOSED, State.OVER)]:
        enqueue(make_event(outage, kind, state))
    assert told(make_event(outage, EventKind.RETRACTED, State.RETRACTED)) == [subscription]
    assert told(make_event(outage, EventKind.RETRACTED, State.RETRACTED)) == []


def test_a_scope_that_moves_is_told_where_it_left_and_where_it_came() -> None:
    left, came = make_subscription(region="US"), make_subscription(region="DE")
    outage = make_outage(regions=["US"])
    enqueue(make_event(outage))
    moved = make_event(outage, EventKind.SCOPE, regions=["DE"])
    assert told(moved) == [left, came]


def test_another_outage_tells_its_own_listeners() -> None:
    make_subscription(slug="noise")
    enqueue(make_event(make_outage("noise")))
    assert told(make_event(make_outage(), EventKind.CLOSED, State.OVER)) == []
