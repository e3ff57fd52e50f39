"""Who is told, and how often, that an Outage is probably another Service's doing."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from aggregator import evaluation, outages
from aggregator.channels import Message
from aggregator.channels.wording import headline, lines
from aggregator.clock import end_of, start_of
from aggregator.detection import Move, Reason, State
from aggregator.messages import compose
from aggregator.models import Alert, Outage, OutageEvent, Subscription
from aggregator.models.outage import EventKind
from aggregator.models.outage import State as Stage
from tests.aggregator.crowds import burst, counted_until, quiet_day
from tests.aggregator.test_outages import OPENING, T
from tests.factories import make_subscription, service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_process")]

PARENT = replace(OPENING, service="aws", to_state=State.CONFIRMED, peak_count=5000)
EXPLAINED = replace(
    OPENING, from_state=State.POSSIBLE, reason=Reason.CAUSE, minute=T + 2, cause="aws"
)


def story(*moves: Move, minute: int = T + 5) -> list[str]:
    """Write moves, explain what there is to explain, and give the kinds of Claude's events."""
    for move in moves:
        outages.apply(move)
    outages.explain(end_of(minute))
    events = OutageEvent.objects.filter(outage__service__slug="claude").order_by("pk")
    return list(events.values_list("kind", flat=True))


def told(kind: str) -> set[str]:
    """Who has an Alert of Claude's moves of a kind, by target."""
    alerts = Alert.objects.filter(event__kind=kind, event__outage__service__slug="claude")
    return set(alerts.values_list("subscription__target", flat=True))


def messages(kind: str) -> list[Message]:
    wanted = "subscription", "event__cause", "event__outage__service", "event__outage__cause"
    alerts = Alert.objects.select_related(*wanted).filter(event__kind=kind)
    return compose(alerts, {}, end_of(T + 6))


def test_cause_that_is_found_later_is_told_once_however_it_flickers() -> None:
    other = replace(EXPLAINED, cause="github", minute=T + 7)
    assert story(OPENING, PARENT, EXPLAINED) == ["opened", "affected"]
    assert story(other, minute=T + 8) == ["opened", "affected"]
    assert story(replace(EXPLAINED, minute=T + 9), minute=T + 10) == ["opened", "affected"]
    assert Outage.objects.get(service__slug="claude").cause == service("aws")


def test_cause_is_told_when_it_is_confirmed_itself() -> None:
    brewing = replace(PARENT, to_state=State.POSSIBLE)
    assert story(OPENING, brewing, EXPLAINED) == ["opened"]
    confirmed = replace(PARENT, from_state=State.POSSIBLE, minute=T + 6)
    assert story(confirmed, minute=T + 6) == ["opened", "affected"]


def test_outage_that_is_confirmed_on_its_own_is_no_effect() -> None:
    confirming = replace(EXPLAINED, to_state=State.CONFIRMED, reason=Reason.SURGE)
    assert story(OPENING, PARENT, confirming) == ["opened", "confirmed"]


def test_second_telling_is_refused_by_the_database() -> None:
    story(OPENING, PARENT, EXPLAINED)
    again = OutageEvent.objects.get(kind=EventKind.AFFECTED)
    again.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save(force_insert=True)


def test_told_are_the_followers_of_the_service_and_those_who_ask_for_the_possible() -> None:
    make_subscription("https://a.example/own", slug="claude", least_state=Stage.CONFIRMED)
    make_subscription("https://a.example/all", least_state=Stage.CONFIRMED)
    make_subscription("https://a.example/early")
    story(OPENING, PARENT, EXPLAINED)
    assert told("affected") == {"https://a.example/own", "https://a.example/early"}
    closing = replace(EXPLAINED, to_state=State.OVER, reason=Reason.QUIET, minute=T + 60)
    outages.apply(closing)
    assert told("closed") == told("affected")


def test_who_was_told_of_the_cause_with_the_opening_is_not_told_again() -> None:
    make_subscription("ann@mail.example")
    make_subscription("ann@mail.example", slug="claude", least_state=Stage.CONFIRMED)
    make_subscription("bob@mail.example", slug="claude", least_state=Stage.CONFIRMED)
    story(PARENT, replace(OPENING, cause="aws"))
    assert told("opened") == {"ann@mail.example"}
    assert told("affected") == {"bob@mail.example"}
    opened = messages("opened")[-1]
    assert "Probably affected by Aws." in lines(opened)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Claude: probably affected by Aws"),
        ("de", "Claude: wahrscheinlich von Aws betroffen"),
        ("ja", "Claude: Aws の影響を受けている可能性"),
    ],
)
def test_cause_is_told_in_the_subscribers_language(language: str, words: str) -> None:
    make_subscription()
    Subscription.objects.update(language=language)
    story(OPENING, PARENT, EXPLAINED)
    [message] = messages("affected")
    with translation.override(message.language):
        assert headline(message) == words
    assert message.outage.cause == message.event.cause == "aws"


@pytest.mark.slow
def test_crowds_of_both_tell_the_childs_followers_once() -> None:
    make_subscription(slug="claude", least_state=Stage.CONFIRMED)
    for slug in ("claude", "aws"):
        quiet_day(slug, T)
    burst("aws", T, minutes=40, reports=400)
    burst("claude", T + 4, minutes=30, reports=30)
    for minute in range(T + 1, T + 120, 7):
        counted_until(minute)
        evaluation.evaluate(start_of(minute) + timedelta(seconds=5))
    child = Outage.objects.get(service__slug="claude")
    assert (child.confirmed_at, child.cause) == (None, service("aws"))
    kinds = Alert.objects.order_by("event_id").values_list("event__kind", flat=True)
    assert list(kinds) == ["affected", "closed"]
