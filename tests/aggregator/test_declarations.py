"""What operators declare holds from then on, ends by itself, and can be taken back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client

from aggregator import declarations, evaluation, outages
from aggregator.clock import minute_of, start_of
from aggregator.declarations import Declared
from aggregator.models import Declaration, EvaluationMark, Outage
from aggregator.models.declaration import DeclarationKind
from reports import undoing
from reports.models import ModerationEntry
from reports.trail import Doing, NotUndoableError
from tests import factories
from tests.aggregator.crowds import burst, counted_until, quiet_day

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_process")]
T = minute_of(datetime(2026, 3, 18, 14, 0, tzinfo=UTC))


@pytest.fixture
def vera() -> User:
    """A moderator."""
    return User.objects.create_user("vera")


def hold(first: int, stop: int, doing: Doing) -> Declaration:
    """Silence wanted for claude."""
    key = factories.service("claude").pk
    span = start_of(first), start_of(stop)
    return declarations.declare(Declared(key, DeclarationKind.HOLD, *span, "A drill."), doing)


def evaluate_until(minute: int) -> None:
    counted_until(minute)
    evaluation.evaluate(start_of(minute))


def test_held_service_raises_nothing_until_it_ends_by_itself(vera: User) -> None:
    quiet_day("claude", T, days=1)
    burst("claude", T, minutes=40)
    evaluate_until(T)
    hold(T, T + 10, Doing(vera, "A drill.", start_of(T)))
    evaluate_until(T + 10)
    assert not Outage.objects.exists()
    evaluate_until(T + 20)
    assert Outage.objects.get().state == "confirmed"


def test_lifted_hold_leaves_what_was_evaluated_as_it_is(vera: User) -> None:
    quiet_day("claude", T, days=1)
    burst("claude", T, minutes=40)
    evaluate_until(T)
    made = hold(T, T + 60, Doing(vera, "A drill.", start_of(T)))
    evaluate_until(T + 10)
    declarations.lift(made.pk, Doing(vera, "Over.", start_of(T + 10)))
    with pytest.raises(outages.NotPossibleError):
        declarations.lift(made.pk, Doing(vera, "Again.", start_of(T + 10)))
    evaluate_until(T + 15)
    opened = Outage.objects.get()
    assert opened.detected_at > start_of(T + 10)
    # Whoever learns it all anew comes to the same.
    Outage.objects.all().delete()
    EvaluationMark.objects.update(evaluated_until=start_of(T))
    evaluation.forget()
    evaluate_until(T + 15)
    assert Outage.objects.get().detected_at == opened.detected_at


def test_declaring_and_lifting_are_taken_back(vera: User) -> None:
    hold(T, T + 60, Doing(vera, "A drill.", start_of(T)))
    declaring = ModerationEntry.objects.latest("pk")
    undoing.undo(declaring, Doing(vera, "None.", start_of(T + 5)))
    key = factories.service("claude").pk
    assert not declarations.in_force(key, start_of(T + 6)).exists()
    made = hold(T, T + 60, Doing(vera, "One.", start_of(T + 7)))
    declarations.lift(made.pk, Doing(vera, "Over.", start_of(T + 8)))
    lifting = ModerationEntry.objects.latest("pk")
    undoing.undo(lifting, Doing(vera, "Not over.", start_of(T + 9)))
    assert declarations.in_force(key, start_of(T + 10)).get().ends_at == start_of(T + 60)
    later = hold(T, T + 20, Doing(vera, "Two.", start_of(T + 11)))
    assert later.made_by == vera
    with pytest.raises(NotUndoableError):
        undoing.undo(ModerationEntry.objects.latest("pk"), Doing(vera, "?", start_of(T + 30)))


def test_what_has_ended_already_is_not_declared(vera: User) -> None:
    with pytest.raises(outages.NotPossibleError, match="end later"):
        hold(T, T + 5, Doing(vera, "?", start_of(T + 5)))


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (DeclarationKind.MAINTENANCE, "Announced work"),
        (DeclarationKind.SURGE, "Many reports are expected"),
        (DeclarationKind.HOLD, "The operators of this site hold it"),
    ],
)
def test_page_of_the_service_says_so(
    client: Client, vera: User, kind: DeclarationKind, words: str
) -> None:
    now = datetime.now(UTC)
    key = factories.service("claude").pk
    declared = Declared(key, kind, now, now + timedelta(hours=1), "<b>New racks.</b>")
    declarations.declare(declared, Doing(vera, "Asked.", now))
    page = client.get("/services/claude/").content.decode()
    assert words in page
    assert "&lt;b&gt;New racks.&lt;/b&gt;" in page
    assert words not in client.get("/services/aws/").content.decode()
