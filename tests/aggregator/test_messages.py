"""What a message says of its Alert."""

import json
from datetime import datetime, timedelta
from itertools import count

import pytest
from pytest_django import DjangoAssertNumQueries

from aggregator.alerting import enqueue
from aggregator.channels import Message
from aggregator.channels.bodies import Site
from aggregator.channels.bodies.outcry import outcry_body
from aggregator.channels.wording import vendor_words
from aggregator.messages import compose
from aggregator.models import Alert, OfficialIncident, OfficialPage, Outage, Subscription
from aggregator.models.outage import EventKind, State
from aggregator.outage_json import event_document, outage_document
from tests.factories import STARTED, make_event, make_outage, make_subscription, service

pytestmark = pytest.mark.django_db


def composed() -> list[Message]:
    """The message of every Alert there is."""
    wanted = "subscription", "event__outage__service", "event__outage__cause"
    return compose(Alert.objects.select_related(*wanted), {}, STARTED)


def make_incident(declared_at: datetime) -> None:
    """What Claude's vendor declares."""
    OfficialIncident.objects.create(
        service=service("claude"),
        key="inc1",
        name="Errors on API",
        status="investigating",
        declared_at=declared_at,
        first_seen_at=declared_at,
    )


def test_the_outage_is_told_as_it_stands_and_the_move_as_it_was() -> None:
    make_subscription()
    outage = make_outage(regions=["US", "DE"])
    enqueue(make_event(outage, regions=["US"]))
    Outage.objects.update(state=State.CONFIRMED, confirmed_at=STARTED, cause=service("aws"))
    [message] = composed()
    assert (message.event.to_state, message.event.regions) == ("possible", ["US"])
    assert (message.outage.state, message.outage.cause) == ("confirmed", "aws")
    assert message.outage.url == f"http://localhost:8000/outages/{outage.pk}/"
    assert (message.service_name, message.places) == ("Claude", ("US",))


def test_many_alerts_of_one_outage_cost_as_many_queries_as_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    numbers = count()
    for _ in range(3):
        make_subscription(f"https://hooks.example/{next(numbers)}")
    enqueue(make_event(make_outage(regions=["US"])))
    wanted = "subscription", "event__outage__service", "event__outage__cause"
    alerts = list(Alert.objects.select_related(*wanted))
    with django_assert_num_queries(4):
        assert len(compose(alerts, {}, STARTED)) == 3


def test_the_vendors_word_goes_with_the_outage(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_subscription()
    outage = make_outage(state=State.CONFIRMED)
    outage.confirmed_at = STARTED + timedelta(minutes=5)
    outage.save()
    enqueue(make_event(outage, EventKind.CONFIRMED, State.CONFIRMED))
    make_incident(STARTED + timedelta(minutes=27))
    with django_assert_num_queries(4):
        [message] = composed()
    told = message.outage.official
    assert told is not None
    assert (told.name, told.lead_minutes) == ("Errors on API", 22.0)
    assert vendor_words(message) == (
        "Their own status page: Errors on API, 22 minutes after people here had confirmed it."
    )
    assert json.loads(outcry_body(message, Site()))["data"]["official"]["lead_minutes"] == 22.0


@pytest.mark.parametrize(
    ("indicator", "silent_minutes", "words"),
    [
        ("none", 5, "Their own status page does not mention it."),
        ("none", 70, ""),
        ("minor", 5, ""),
    ],
)
def test_a_page_that_is_read_and_says_nothing_is_told_of(
    indicator: str, silent_minutes: int, words: str
) -> None:
    make_subscription()
    enqueue(make_event(make_outage()))
    OfficialPage.objects.create(
        service=service("claude"),
        url="https://status.example",
        kind="statuspage",
        due_at=STARTED,
        indicator=indicator,
        good_at=STARTED - timedelta(minutes=silent_minutes),
    )
    [message] = composed()
    assert vendor_words(message) == words


def test_places_are_named_in_the_subscribers_language() -> None:
    make_subscription()
    make_subscription("https://hooks.example/german")
    Subscription.objects.filter(target__endswith="german").update(language="de")
    enqueue(make_event(make_outage(regions=["DE-BE", "AT"])))
    places = {message.language: message.places for message in composed()}
    assert places == {"en": ("DE-BE", "AT"), "de": ("Berlin", "Österreich")}


def test_worldwide_has_no_region_and_a_scope_is_named_by_its_smallest_holder() -> None:
    outage = make_outage()
    document = outage_document(outage, problem_types=[], site_url="https://outcry.example")
    assert (document.region, document.regions) == (None, [])
    move = event_document(make_event(outage, EventKind.SCOPE, regions=["US-CA"]))
    assert (move.kind, move.region, move.regions) == ("scope_changed", "US-CA", ["US-CA"])


@pytest.mark.parametrize(
    ("region", "observed", "networks", "published"),
    [
        ("US", 4, 30, None),
        ("US", 30, 4, None),
        ("US", 5, 5, 5),
        ("US", 0, 0, None),
        ("US", 30, None, 30),
        ("", 4, 4, 4),
    ],
)
def test_small_counts_are_published_of_the_world_only(
    region: str, observed: int, networks: int | None, published: int | None
) -> None:
    event = make_event(make_outage(regions=["US"]))
    event.numbers = {"region": region, "observed": observed, "networks": networks, "expected": 9.0}
    numbers = event_document(event).numbers
    assert numbers["observed"] == published
    assert numbers["expected"] == 9.0
