"""What a message says of its Alert."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from aggregator.alerting import enqueue
from aggregator.messages import compose, reported_problem_types
from aggregator.models import Alert, Outage
from aggregator.models.outage import EventKind, State
from aggregator.outage_json import event_document, outage_document
from tests.factories import STARTED, make_event, make_outage, make_subscription, service

pytestmark = pytest.mark.django_db


def make_quarter(slug: str, problem_type: str | None, *, minutes: int, reports: int) -> None:
    """A quarter-hour's count, so many minutes from the onset's quarter-hour."""
    owner = service(slug)
    kind = owner.problem_types.get(slug=problem_type).pk if problem_type else None
    start = STARTED.replace(minute=0) + timedelta(minutes=minutes)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO aggregator_quartercount (start, service_id, region_id, problem_type_id,"
            " count) VALUES (%s, %s, '', %s, %s)",
            [start, owner.pk, kind, reports],
        )


def test_problem_types_are_ranked_within_the_outage() -> None:
    make_quarter("claude", "api", minutes=-15, reports=900)  # before it
    make_quarter("claude", "api", minutes=0, reports=10)  # holds the onset
    make_quarter("claude", "chat", minutes=15, reports=30)
    make_quarter("claude", None, minutes=15, reports=500)
    make_quarter("claude", "api", minutes=75, reports=900)  # after it
    make_quarter("noise", "noise", minutes=15, reports=70)
    outage = make_outage(state=State.OVER)
    assert reported_problem_types(outage, STARTED + timedelta(days=9)) == ["chat", "api"]


def test_the_outage_is_told_as_it_stands_and_the_move_as_it_was() -> None:
    make_subscription()
    outage = make_outage(regions=["US", "DE"])
    enqueue(make_event(outage, regions=["US"]))
    Outage.objects.update(state=State.CONFIRMED, confirmed_at=STARTED, cause=service("aws"))
    wanted = "subscription", "event__outage__service", "event__outage__cause"
    [message] = compose(Alert.objects.select_related(*wanted), {}, STARTED)
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
    with django_assert_num_queries(2):
        assert len(compose(alerts, {}, STARTED)) == 3


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
