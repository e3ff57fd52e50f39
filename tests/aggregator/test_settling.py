"""What rests on rejected Reports falls with them, and stands again when they come back."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection

from aggregator import alerting, counting, evaluation, outages, recount, settling
from aggregator.clock import minute_of, start_of
from aggregator.models import (
    Alert,
    CountCorrection,
    EvaluationMark,
    Expectation,
    Outage,
    OutageEvent,
    Subscription,
)
from aggregator.models.outage import State
from reports import moderation_jobs, partitions
from reports.models import Burst, ModerationEntry, ModerationJob, Report
from reports.models.report import Channel, RegionSource
from reports.selection import Selection
from reports.trail import Doing
from tests import factories
from tests.receiver import Receiver

pytestmark = pytest.mark.usefixtures("committed")

# A whole hour of yesterday: the flood begins at its first Minute.
T = minute_of(datetime.now(UTC)) // 60 * 60 - 24 * 60


@pytest.fixture(autouse=True)
def _past(committed: None) -> Iterator[None]:
    """Two days of partitions, and each test begins like a worker that has just started."""
    day = start_of(T - 1440).date()
    partitions.ensure("reports_report", day, start_of(T + 2880).date())
    evaluation.forget()
    yield
    evaluation.forget()


def crowd(minutes: range, senders: list[str]) -> None:
    """A Report of each of some senders in each of some Minutes, as intake would have left it."""
    Report.objects.bulk_create(
        Report(
            id=uuid.uuid4(),
            received_at=start_of(minute) + timedelta(seconds=second),
            service=factories.service("claude"),
            region_id="US-CA",
            region_source=RegionSource.USER,
            channel=Channel.API,
            fingerprint=factories.digest(f"{minute} {sender}"),
            network=factories.digest(f"network of {sender}"),
        )
        for minute in minutes
        for second, sender in enumerate(senders)
    )


BOTS = [f"bot-{number}" for number in range(40)]


def evaluate_until(minute: int) -> None:
    """Count everything, then evaluate every Minute before this one."""
    counting.count(start_of(minute) + timedelta(seconds=3))
    evaluation.evaluate(start_of(minute))


def reject_flood(burst: Burst | None = None, until: int = T + 15) -> ModerationEntry:
    """A moderator rejects what came since the flood began, to its last batch."""
    chosen = Selection(
        service_id=factories.service("claude").pk, since=start_of(T), until=start_of(until)
    )
    moderator, _ = User.objects.get_or_create(username="alice")
    job = moderation_jobs.start(chosen, Doing(moderator, "Bots.", datetime.now(UTC)), burst=burst)
    moderation_jobs.work(datetime.now(UTC))
    job.refresh_from_db()
    assert job.entry
    return job.entry


def undo(entry: ModerationEntry) -> None:
    """And takes it back."""
    moderator = User.objects.get(username="alice")
    moderation_jobs.undo(entry, Doing(moderator, "They were people.", datetime.now(UTC)))
    moderation_jobs.work(datetime.now(UTC))


def flagged() -> Burst:
    """The flag of the flood."""
    return Burst.objects.create(
        service=factories.service("claude"),
        kind="networks",
        since=start_of(T),
        until=start_of(T + 60),
        reports=320,
        peak=40,
        found_at=start_of(T + 10),
    )


def a_flood_that_passed_for_an_outage(until: int) -> Outage:
    """The usual, the flood, and the Outage that it made."""
    crowd(range(T - 345, T + 120, 30), ["somebody"])
    crowd(range(T, T + 8), BOTS)
    # Counting looks once before most of a site's life.
    counting.count(start_of(T - 340))
    evaluate_until(until)
    return Outage.objects.get()


def story(outage: Outage) -> list[tuple[str, str]]:
    """The kinds and states of an Outage's moves."""
    return list(outage.events.values_list("kind", "to_state"))


def test_open_outage_that_rested_on_rejected_reports_is_retracted_with_a_public_note() -> None:
    outage = a_flood_that_passed_for_an_outage(T + 8)
    assert outage.state == "confirmed"
    reject_flood(flagged())
    evaluate_until(T + 9)
    outage.refresh_from_db()
    assert outage.state == "retracted"
    last = outage.events.last()
    assert last
    assert (last.reason, last.entry) == ("320 reports removed: automated", None)
    assert not CountCorrection.objects.exists()


def test_outage_that_has_ended_is_retracted_too_and_keeps_its_end() -> None:
    outage = a_flood_that_passed_for_an_outage(T + 90)
    assert outage.state == "over"
    before = outage.ended_at
    reject_flood()
    evaluate_until(T + 91)
    outage.refresh_from_db()
    assert (outage.state, outage.ended_at) == ("retracted", before)
    last = outage.events.last()
    assert last
    assert last.reason.endswith("reports removed by a moderator")


def test_undoing_the_rejection_lets_the_outage_stand_again_as_it_was() -> None:
    outage = a_flood_that_passed_for_an_outage(T + 90)
    shown = ("state", "started_at", "confirmed_at", "peak_count", "region_id", "ended_at")
    before = Outage.objects.values(*shown).get()
    entry = reject_flood()
    evaluate_until(T + 91)
    undo(entry)
    evaluate_until(T + 92)
    assert Outage.objects.values(*shown).get() == before
    assert story(outage)[-2:] == [("retracted", "retracted"), ("corrected", "over")]


def test_rejection_undone_at_once_opens_the_outage_again_while_its_crowd_is_there() -> None:
    outage = a_flood_that_passed_for_an_outage(T + 8)
    entry = reject_flood()
    evaluate_until(T + 9)
    undo(entry)
    evaluate_until(T + 10)
    outage.refresh_from_db()
    assert (outage.state, outage.ended_at) == ("confirmed", None)
    evaluate_until(T + 90)
    outage.refresh_from_db()
    assert (outage.state, Outage.objects.count()) == ("over", 1)


def test_outage_that_what_is_left_bears_out_stands_with_smaller_figures() -> None:
    outage = a_flood_that_passed_for_an_outage(T + 90)
    chosen = Selection(networks=[factories.digest(f"network of {bot}") for bot in BOTS[:10]])
    moderation_jobs.start(chosen, Doing(None, "Bots.", datetime.now(UTC)))
    moderation_jobs.work(datetime.now(UTC))
    before = outage.peak_count
    evaluate_until(T + 91)
    outage.refresh_from_db()
    assert (outage.state, outage.peak_count) == ("over", before - 80)


def test_nothing_is_retracted_while_a_moderators_job_is_half_way() -> None:
    outage = a_flood_that_passed_for_an_outage(T + 90)
    reject_flood()
    ModerationJob.objects.update(state="running")
    evaluate_until(T + 91)
    outage.refresh_from_db()
    assert outage.state == "over"
    ModerationJob.objects.update(state="done")
    evaluate_until(T + 92)
    outage.refresh_from_db()
    assert outage.state == "retracted"


def test_worker_that_starts_after_the_correction_comes_to_the_same() -> None:
    outage = a_flood_that_passed_for_an_outage(T + 90)
    reject_flood()
    counting.count(start_of(T + 91) + timedelta(seconds=3))
    # The worker that counted dies; its successor learns the Minutes anew and dies before it writes.
    evaluation.forget()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settling, "settle", _die)
        with pytest.raises(ConnectionError):
            evaluation.evaluate(start_of(T + 91))
    evaluation.evaluate(start_of(T + 91))
    outage.refresh_from_db()
    assert outage.state == "retracted"
    evaluate_until(T + 92)
    through, told = memory_bits(), OutageEvent.objects.count()
    EvaluationMark.objects.update(evaluated_until=start_of(T + 91))
    evaluation.forget()
    evaluation.evaluate(start_of(T + 92))
    assert (memory_bits(), OutageEvent.objects.count()) == (through, told)


def memory_bits() -> bytes:
    """The detector's whole state in this process."""
    memory = evaluation._Process.memory
    assert memory
    return memory.engine.checkpoint()


def _die(*_: object) -> None:
    raise ConnectionError


def test_outage_that_a_person_confirmed_is_left_to_people() -> None:
    crowd(range(T - 345, T + 120, 30), ["somebody"])
    crowd(range(T, T + 8), BOTS)
    counting.count(start_of(T - 340))
    opened = next(minute for minute in range(T, T + 8) if is_open_at(minute))
    outage = Outage.objects.get()
    assert outage.state == "possible"
    moderator = User.objects.create_user("alice")
    outages.confirm(outage.pk, Doing(moderator, "Seen it myself.", start_of(opened)))
    evaluate_until(T + 90)
    reject_flood()
    evaluate_until(T + 91)
    outage.refresh_from_db()
    assert outage.state == "over"


def is_open_at(minute: int) -> bool:
    evaluate_until(minute)
    return Outage.objects.exists()


def test_real_crowd_of_that_minute_opens_an_outage_of_its_own() -> None:
    a_flood_that_passed_for_an_outage(T + 8)
    people = [f"person-{number}" for number in range(40)]
    crowd(range(T + 8, T + 9), people[:30])
    crowd(range(T + 9, T + 16), people)
    evaluate_until(T + 8)
    reject_flood(until=T + 8)
    evaluate_until(T + 9)
    assert Outage.objects.get().state == "retracted"
    evaluate_until(T + 16)
    newest = Outage.objects.latest("pk")
    assert newest.state == "confirmed"
    assert newest.started_at < start_of(T + 9)


def test_real_crowd_that_the_flood_was_taken_together_with_keeps_the_outage() -> None:
    outage = a_flood_that_passed_for_an_outage(T + 8)
    crowd(range(T + 60, T + 66), [f"person-{number}" for number in range(40)])
    evaluate_until(T + 66)
    reject_flood()
    evaluate_until(T + 67)
    outage.refresh_from_db()
    assert outage.state == "confirmed"
    assert outage.started_at >= start_of(T + 55)


def test_band_of_the_chart_forgets_the_flood_as_well() -> None:
    a_flood_that_passed_for_an_outage(T + 90)
    Expectation.objects.update(expected=99)
    reject_flood()
    evaluate_until(T + 91)
    kept = Expectation.objects.filter(start__gte=start_of(T), service__slug="claude")
    assert kept.count() == 6
    assert not kept.filter(expected=99).exists()


def test_counts_are_true_after_it_all() -> None:
    a_flood_that_passed_for_an_outage(T + 90)
    undo(reject_flood())
    evaluate_until(T + 91)
    with recount.snapshot() as mark:
        checks = [
            recount.check_day(day, mark, 5)
            for day in recount.days(start_of(T).date(), start_of(T + 90).date())
        ]
    assert [check.number for check in checks] == [0] * len(checks)


def test_subscribers_of_a_false_outage_get_the_correction(receiver: Receiver) -> None:
    Subscription.objects.create(
        channel="webhook",
        target=receiver.url,
        secret=factories.SIGNING_SECRET,
        least_state=State.CONFIRMED,
        by_operator=True,
    )
    a_flood_that_passed_for_an_outage(T + 8)
    alerting.deliver_due(datetime.now(UTC))
    entry = reject_flood(flagged())
    evaluate_until(T + 9)
    alerting.deliver_due(datetime.now(UTC))
    undo(entry)
    evaluate_until(T + 10)
    alerting.deliver_due(datetime.now(UTC))
    assert receiver.kinds() == ["outage.confirmed", "outage.retracted", "outage.corrected"]
    told = receiver.received[1].verified()["data"]
    assert told["event"]["reason"] == "320 reports removed: automated"
    assert told["event"]["to_state"] == "retracted"
    assert Alert.objects.filter(state="sent").count() == 3
    connection.close()
