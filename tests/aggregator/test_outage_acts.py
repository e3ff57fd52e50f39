"""What people decide about Outages holds through ticks and restarts, and can be taken back."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from aggregator import evaluation, outages
from aggregator.clock import minute_of, start_of
from aggregator.models import (
    Alert,
    EvaluationMark,
    HourCount,
    Outage,
    OutageNote,
    QuarterCount,
    ServiceStatus,
)
from aggregator.models.outage import EventKind, State
from reports import undoing
from reports.models import ModerationEntry
from reports.trail import Doing, NotUndoableError, UndoneAlreadyError
from tests import factories
from tests.aggregator.crowds import burst, counted_until, declare, quiet_day
from tests.factories import make_event, make_outage, make_subscription

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_process")]

T = minute_of(datetime(2026, 3, 18, 14, 0, tzinfo=UTC))


@pytest.fixture
def vera() -> User:
    """A moderator."""
    return User.objects.create_user("vera")


def evaluate_until(minute: int, *, restarted: bool = False) -> None:
    """Evaluate every Minute before this one, perhaps by a worker that has just started."""
    if restarted:
        evaluation.forget()
    counted_until(minute)
    evaluation.evaluate(start_of(minute))


def memory_bits() -> bytes:
    """The detector's whole state in this process."""
    memory = evaluation._Process.memory
    assert memory
    return memory.engine.checkpoint()


def a_crowd(minutes: int = 30) -> Outage:
    """An Outage that the detector confirmed and sees."""
    quiet_day("claude", T, days=1)
    burst("claude", T, minutes=minutes)
    evaluate_until(T + 10)
    return Outage.objects.get()


def last_entry() -> ModerationEntry:
    """The newest act."""
    return ModerationEntry.objects.latest("pk")


def state_of(outage: Outage) -> str:
    outage.refresh_from_db()
    return outage.state


def test_confirmation_holds_and_is_taken_back(vera: User) -> None:
    quiet_day("claude", T, days=1)
    burst("claude", T)
    # During announced work the detector confirms nothing by itself.
    declare("claude", "maintenance", T - 60, T + 60)
    opened = T + 5
    evaluate_until(opened)
    outage = Outage.objects.get()
    outages.confirm(outage.pk, Doing(vera, "Seen it.", start_of(opened)))
    evaluate_until(opened + 1)
    live = memory_bits()
    EvaluationMark.objects.update(evaluated_until=start_of(opened))
    evaluate_until(opened + 1, restarted=True)
    assert (state_of(outage), memory_bits()) == ("confirmed", live)

    undoing.undo(last_entry(), Doing(vera, "It was another.", start_of(opened + 1)))
    evaluate_until(opened + 2, restarted=True)
    assert (state_of(outage), outage.confirmed_at) == ("possible", None)
    last = outage.events.last()
    assert last
    assert (last.kind, last.to_state) == ("corrected", "possible")


def test_undone_retraction_stands_again_and_the_detector_ends_it(vera: User) -> None:
    make_subscription()
    outage = a_crowd()
    outages.retract(outage.pk, Doing(vera, "A joke.", start_of(T + 10)), note="On the **radio**.")
    assert OutageNote.objects.get().text == "On the **radio**."
    assert ServiceStatus.objects.get(service=outage.service_id).verdict == "ok"
    evaluate_until(T + 13)
    assert state_of(outage) == "retracted"
    undoing.undo(last_entry(), Doing(vera, "It was none.", start_of(T + 13)))
    evaluate_until(T + 14, restarted=True)
    assert (state_of(outage), outage.ended_at, outage.retracted_at) == ("confirmed", None, None)
    assert ServiceStatus.objects.get(service=outage.service_id).verdict == "major"
    assert not OutageNote.objects.exists()
    evaluate_until(T + 120)
    assert (state_of(outage), Outage.objects.count()) == ("over", 1)
    told = Alert.objects.order_by("event").values_list("event__kind", flat=True)
    assert list(told) == ["opened", "confirmed", "retracted", "corrected", "closed"]


def test_outage_ended_by_hand_stays_ended_for_those_who_start_later(vera: User) -> None:
    outage = a_crowd(minutes=10)
    outages.end(outage.pk, Doing(vera, "They fixed it.", start_of(T + 10)))
    evaluate_until(T + 20, restarted=True)
    assert (state_of(outage), outage.ended_at) == ("over", start_of(T + 10))
    undoing.undo(last_entry(), Doing(vera, "They did not.", start_of(T + 20)))
    assert state_of(outage) == "confirmed"


def test_outage_ended_by_hand_opens_again_while_its_crowd_goes_on(vera: User) -> None:
    outage = a_crowd(minutes=40)
    outages.end(outage.pk, Doing(vera, "They fixed it.", start_of(T + 10)))
    evaluate_until(T + 20)
    assert (state_of(outage), Outage.objects.count()) == ("confirmed", 1)


def test_outage_opened_by_hand_stays_until_a_person_ends_it(vera: User) -> None:
    quiet_day("claude", T, days=1)
    evaluate_until(T)
    aws = factories.service("aws")
    opening = outages.Opening(aws.pk, State.CONFIRMED, start_of(T - 9), ["US-CA", "US-NY"])
    outages.open_by_hand(opening, Doing(vera, "Their phone line is dead.", start_of(T)))
    outage = Outage.objects.get()
    assert (outage.region_id, outage.regions) == ("US", ["US-CA", "US-NY"])
    with pytest.raises(outages.NotPossibleError, match="not over"):
        outages.open_by_hand(opening, Doing(vera, "Twice.", start_of(T)))
    evaluate_until(T + 20)
    evaluate_until(T + 40, restarted=True)
    status = ServiceStatus.objects.get(service=aws)
    assert (state_of(outage), status.verdict, status.outage) == ("confirmed", "major", outage)
    outages.end(outage.pk, Doing(vera, "It rings.", start_of(T + 40)))
    evaluate_until(T + 41)
    assert ServiceStatus.objects.get(service=aws).verdict != "major"


def test_outage_opened_by_hand_is_an_ordinary_one_once_the_detector_sees_it(vera: User) -> None:
    quiet_day("claude", T, days=1)
    burst("claude", T, minutes=20)
    evaluate_until(T)
    opening = outages.Opening(factories.service("claude").pk, State.CONFIRMED, start_of(T))
    outages.open_by_hand(opening, Doing(vera, "I know.", start_of(T)))
    evaluate_until(T + 10)
    outage = Outage.objects.get()
    assert (outage.state, outage.is_by_hand, outage.region_id) == ("confirmed", False, "US-CA")
    evaluate_until(T + 120)
    assert state_of(outage) == "over"


def test_opening_taken_back_is_a_retraction(vera: User) -> None:
    opening = outages.Opening(factories.service("aws").pk, State.POSSIBLE, start_of(T))
    outages.open_by_hand(opening, Doing(vera, "I know.", start_of(T)))
    undoing.undo(last_entry(), Doing(vera, "I did not.", start_of(T + 1)))
    assert Outage.objects.get().state == "retracted"


def test_cause_that_a_person_named_is_left_alone_by_the_detector(vera: User) -> None:
    outage = a_crowd()
    github = factories.service("github")
    outages.name_cause(outage.pk, github.pk, Doing(vera, "Their word.", start_of(T + 10)))
    evaluate_until(T + 120, restarted=True)
    assert (state_of(outage), outage.cause) == ("over", github)
    undoing.undo(last_entry(), Doing(vera, "Not theirs.", start_of(T + 120)))
    outage.refresh_from_db()
    assert (outage.cause, outage.is_cause_set) == (None, False)
    with pytest.raises(outages.NotPossibleError, match="own cause"):
        outages.name_cause(outage.pk, outage.service_id, Doing(vera, "?", start_of(T)))


def test_two_outages_become_one_and_two_again(vera: User) -> None:
    first = make_outage(state=State.OVER, regions=["US-CA"])
    second = make_outage(regions=["DE"], started_at=factories.STARTED + timedelta(hours=5))
    Outage.objects.filter(pk=second.pk).update(peak_count=900)
    for one in (first, second):
        make_event(one)
        outages.annotate(one.pk, "Words.", Doing(vera, "Asked.", factories.STARTED))
    outages.join(second.pk, first.pk, Doing(vera, "One cable.", factories.STARTED))
    kept = Outage.objects.get()
    assert (kept.pk, kept.state, kept.peak_count) == (first.pk, "possible", 900)
    assert (kept.regions, kept.region_id, kept.ended_at) == (["DE", "US-CA"], "", None)
    assert [event.kind for event in kept.events.all()] == ["opened", "opened", "joined"]
    assert kept.notes.count() == 2
    undoing.undo(last_entry(), Doing(vera, "Two cables.", factories.STARTED))
    assert (state_of(first), first.peak_count, first.regions) == ("over", 532, ["US-CA"])
    assert (state_of(second), second.joined_into, second.notes.count()) == ("possible", None, 1)


def test_joining_tells_nobody_and_only_what_belongs_together_is_joined(vera: User) -> None:
    make_subscription()
    later = factories.STARTED + timedelta(hours=5)
    first, second = make_outage(state=State.OVER), make_outage(state=State.OVER, started_at=later)
    other = make_outage("aws", state=State.OVER)
    for pair in ((first, other), (first, first)):
        with pytest.raises(outages.NotPossibleError, match="same service"):
            outages.join(pair[0].pk, pair[1].pk, Doing(vera, "?", later))
    outages.join(first.pk, second.pk, Doing(vera, "One.", later))
    assert not Alert.objects.exists()


def count(start: datetime, region: str, reports: int) -> None:
    """Reports of a quarter-hour, and those of the day before."""
    row = {"service": factories.service("claude"), "region_id": region, "problem_type": None}
    QuarterCount.objects.create(start=start, count=reports, **row)
    HourCount.objects.create(start=start - timedelta(days=1), count=reports // 10, **row)


def test_outage_is_split_by_place_and_put_together_again(vera: User) -> None:
    outage = make_outage(state=State.OVER, regions=["US", "DE"])
    quarter = factories.STARTED.replace(minute=15)
    count(quarter, "US-CA", 300)
    count(quarter, "DE-BE", 100)
    doing = Doing(vera, "Two things.", factories.STARTED)
    with pytest.raises(outages.NotPossibleError, match="not all"):
        outages.split(outage.pk, ["US", "DE"], doing)
    with pytest.raises(outages.NotPossibleError, match="names"):
        outages.split(outage.pk, ["BR"], doing)
    outages.split(outage.pk, ["DE"], doing)
    own = Outage.objects.latest("pk")
    assert (own.region_id, own.peak_count, own.started_at) == ("DE", 100, outage.started_at)
    outage.refresh_from_db()
    assert (outage.region_id, outage.peak_count) == ("US", 300)
    assert own.expected_at_peak + outage.expected_at_peak == pytest.approx(12.25, abs=0.01)
    undoing.undo(last_entry(), Doing(vera, "One thing.", factories.STARTED))
    outage.refresh_from_db()
    assert (set(outage.regions), outage.peak_count) == ({"US", "DE"}, 532)
    assert Outage.every.get(pk=own.pk).joined_into == outage


def test_open_outage_is_not_split(vera: User) -> None:
    outage = make_outage(regions=["US", "DE"])
    with pytest.raises(outages.NotPossibleError, match="possible"):
        outages.split(outage.pk, ["DE"], Doing(vera, "Two.", factories.STARTED))


def test_what_moved_on_or_was_undone_is_not_undone(vera: User) -> None:
    outage = make_outage()
    outages.confirm(outage.pk, Doing(vera, "Seen.", factories.STARTED))
    confirming = last_entry()
    outages.end(outage.pk, Doing(vera, "Gone.", factories.STARTED))
    ending = last_entry()
    with pytest.raises(NotUndoableError):
        undoing.undo(confirming, Doing(vera, "?", factories.STARTED))
    undoing.undo(ending, Doing(vera, "Back.", factories.STARTED))
    with pytest.raises(UndoneAlreadyError):
        undoing.undo(ending, Doing(vera, "Twice.", factories.STARTED))
    undoing.undo(confirming, Doing(vera, "Now.", factories.STARTED))
    assert state_of(outage) == "possible"


def test_ending_is_not_undone_while_another_is_open(vera: User) -> None:
    outage = make_outage()
    outages.end(outage.pk, Doing(vera, "Gone.", factories.STARTED))
    entry = last_entry()
    make_outage(started_at=factories.STARTED + timedelta(hours=4))
    with pytest.raises(NotUndoableError):
        undoing.undo(entry, Doing(vera, "?", factories.STARTED))
    assert EventKind.CORRECTED not in outage.events.values_list("kind", flat=True)


def test_note_is_taken_back(vera: User) -> None:
    outage = make_outage(state=State.OVER)
    outages.annotate(outage.pk, "A *word*.", Doing(vera, "Asked.", factories.STARTED))
    undoing.undo(last_entry(), Doing(vera, "Wrong.", factories.STARTED))
    assert not outage.notes.exists()
