"""Evaluation hands every Minute to the detector once, whatever dies in between."""

from datetime import UTC, datetime
from threading import Thread

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction

from aggregator import checkpoints, evaluation, levels, outages
from aggregator.clock import end_of, minute_of, start_of
from aggregator.detection import Move
from aggregator.models import (
    CountCorrection,
    Declaration,
    EngineCheckpoint,
    EvaluationMark,
    Expectation,
    MinuteCount,
    OfficialIncident,
    OfficialUpdate,
    Outage,
    OutageEvent,
    PlaceStatus,
    ServiceStatus,
)
from reports import partitions
from reports.trail import Doing
from tests import factories
from tests.aggregator.crowds import announce, burst, count, counted_until, declare, quiet_day, told

pytestmark = pytest.mark.usefixtures("fresh_process")

T = minute_of(datetime(2026, 3, 18, 14, 0, tzinfo=UTC))
NOW = start_of(T + 500)


def story() -> list[tuple[str, str, str, datetime]]:
    """All events so far: Service, from, to, when."""
    events = OutageEvent.objects.order_by("pk").values_list(
        "outage__service__slug", "from_state", "to_state", "at"
    )
    return list(events)


def memory_bits() -> bytes:
    """The detector's whole state in this process."""
    memory = evaluation._Process.memory
    assert memory is not None
    return memory.engine.checkpoint()


@pytest.mark.django_db
def test_nothing_counted_is_nothing_evaluated() -> None:
    assert evaluation.evaluate(NOW) is None


@pytest.mark.django_db
def test_crowd_opens_and_confirms_an_outage_and_its_absence_ends_it() -> None:
    for elsewhere in ("DE", "US-NY"):
        quiet_day("claude", T, region=elsewhere)
    quiet_day("claude", T)
    burst("claude", T, minutes=20)
    counted_until(T + 180)
    result = evaluation.evaluate(NOW)
    assert result is not None
    assert result.evaluated_until == start_of(T + 180)
    outage = Outage.objects.get()
    assert outage.state == "over"
    assert outage.detected_at <= end_of(T + 2)
    assert outage.confirmed_at is not None
    assert outage.region_id == "US-CA"
    assert outage.peak_count >= 15 * 60


@pytest.mark.django_db
def test_minutes_that_are_not_counted_yet_wait() -> None:
    quiet_day("claude", T)
    burst("claude", T)
    counted_until(T)
    evaluation.evaluate(NOW)
    assert story() == []
    counted_until(T + 10)
    evaluation.evaluate(NOW)
    assert story()[0][1:3] == ("", "possible")


@pytest.mark.django_db
def test_evaluating_again_changes_nothing() -> None:
    quiet_day("claude", T)
    burst("claude", T)
    counted_until(T + 30)
    evaluation.evaluate(NOW)
    before = story()
    again = evaluation.evaluate(NOW)
    assert again is not None
    assert (again.minutes, story()) == (0, before)


@pytest.mark.slow
@pytest.mark.django_db
def test_restarts_all_along_give_the_same_story() -> None:
    quiet_day("claude", T)
    burst("claude", T, minutes=20)
    told("claude", T, 40)
    counted_until(T + 120)
    evaluation.evaluate(NOW)
    straight = story()

    OutageEvent.objects.all().delete()
    Outage.objects.all().delete()
    EvaluationMark.objects.update(evaluated_until=start_of(T - 5))
    EngineCheckpoint.objects.filter(at__gt=start_of(T - 5)).delete()
    for minute in [T - 4, T + 1, T + 2, T + 3, T + 17, *range(T + 18, T + 121, 8), T + 120]:
        evaluation.forget()
        counted_until(minute)
        evaluation.evaluate(NOW)
    assert story() == straight


@pytest.mark.django_db
def test_failure_while_writing_leaves_nothing_half_done(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet_day("claude", T)
    burst("claude", T)
    counted_until(T)
    evaluation.evaluate(NOW)
    counted_until(T + 30)

    def fail(move: Move) -> None:
        original(move)
        raise ConnectionError

    original = outages.apply
    with monkeypatch.context() as patch:
        patch.setattr(outages, "apply", fail)
        with pytest.raises(ConnectionError):
            evaluation.evaluate(NOW)
    assert story() == []
    assert EvaluationMark.objects.get().evaluated_until == start_of(T)
    evaluation.evaluate(NOW)
    assert story()[0][1:3] == ("", "possible")


def test_second_worker_leaves_evaluation_to_the_first(committed: None) -> None:
    quiet_day("claude", T, days=1)
    counted_until(T)
    evaluation.evaluate(NOW)
    counted_until(T + 30)
    results: list[evaluation.EvaluationResult | None] = []

    def second() -> None:
        results.append(evaluation.evaluate(NOW))
        connection.close()

    with transaction.atomic():
        EvaluationMark.objects.select_for_update().get()
        worker = Thread(target=second)
        worker.start()
        worker.join()
    assert results == [None]
    assert EvaluationMark.objects.get().evaluated_until == start_of(T)


@pytest.mark.django_db
def test_corrected_counts_end_the_outage_they_made() -> None:
    quiet_day("claude", T)
    burst("claude", T)
    counted_until(T + 12)
    evaluation.evaluate(NOW)
    assert Outage.objects.get().state != "over"

    MinuteCount.objects.filter(start__gte=start_of(T)).delete()
    checkpoints.drop_after(start_of(T))
    counted_until(T + 13, revision=1)
    evaluation.evaluate(NOW)
    assert Outage.objects.get().state == "over"
    assert OutageEvent.objects.last().reason == "The counts do not bear it out."  # type: ignore[union-attr]  # it exists


@pytest.mark.django_db
def test_retracted_outage_does_not_come_back_while_the_crowd_goes_on() -> None:
    moderator = User.objects.create_user("alice")
    quiet_day("claude", T)
    burst("claude", T, minutes=30)
    counted_until(T + 10)
    evaluation.evaluate(NOW)
    outage = Outage.objects.get()
    outages.retract(outage.pk, Doing(moderator, "A joke.", start_of(T + 10)))
    counted_until(T + 30)
    evaluation.evaluate(NOW)
    assert Outage.objects.get().state == "retracted"


@pytest.mark.django_db
def test_peak_of_an_open_outage_grows_with_the_crowd() -> None:
    quiet_day("claude", T)
    burst("claude", T, minutes=20)
    counted_until(T + 3)
    evaluation.evaluate(NOW)
    early = Outage.objects.get().peak_count
    counted_until(T + 20)
    evaluation.evaluate(NOW)
    assert early < 200
    assert Outage.objects.get().peak_count == 15 * 60


@pytest.mark.django_db
@pytest.mark.parametrize(("networks", "opened"), [(3, 0), (60, 1)])
def test_flood_opens_an_outage_only_from_many_networks(networks: int, opened: int) -> None:
    quiet_day("claude", T)
    burst("claude", T, minutes=10, reports=200)
    partitions.ensure("reports_report", NOW.date(), NOW.date())
    for sender in range(networks):
        factories.make_report(at=start_of(T), region="US-CA", sender=f"network-{sender}")
    counted_until(T + 10)
    evaluation.evaluate(NOW)
    assert Outage.objects.count() == opened


@pytest.mark.django_db
def test_held_service_is_counted_but_raises_nothing() -> None:
    quiet_day("claude", T)
    burst("claude", T, minutes=20)
    declare("claude", "hold", T - 60, T + 60)
    counted_until(T + 30)
    evaluation.evaluate(NOW)
    assert story() == []
    assert ServiceStatus.objects.get(service__slug="claude").last_hour == 1203


@pytest.mark.django_db
def test_announced_maintenance_keeps_an_outage_from_being_confirmed() -> None:
    quiet_day("claude", T)
    burst("claude", T, minutes=20)
    declare("claude", "maintenance", T - 60, T + 60)
    counted_until(T + 60)
    evaluation.evaluate(NOW)
    assert {to for _, _, to, _ in story()} == {"possible", "over"}


@pytest.mark.django_db
def test_maintenance_that_the_vendor_announced_keeps_an_outage_from_being_confirmed() -> None:
    quiet_day("claude", T)
    burst("claude", T, minutes=20)
    announce("claude", T - 60, T + 60, is_maintenance=True)
    counted_until(T + 60)
    evaluation.evaluate(NOW)
    assert {to for _, _, to, _ in story()} == {"possible", "over"}


@pytest.mark.django_db
@pytest.mark.parametrize(("seen", "is_open"), [(T - 30, True), (T + 40, False)])
def test_incident_that_the_vendor_declared_lets_a_smaller_crowd_open(
    seen: int,
    is_open: bool,  # noqa: FBT001 - a parameter
) -> None:
    quiet_day("claude", T)
    burst("claude", T, minutes=6, reports=2)
    announce("claude", seen, T + 90)
    counted_until(T + 30)
    evaluation.evaluate(NOW)
    assert Outage.objects.exists() is is_open


@pytest.mark.django_db
@pytest.mark.parametrize(("word", "is_open"), [(None, False), (T - 60, True), (T + 40, False)])
def test_incident_that_stays_open_is_evidence_for_a_day_after_the_vendors_last_word(
    word: int | None,
    is_open: bool,  # noqa: FBT001 - a parameter
) -> None:
    quiet_day("claude", T)
    burst("claude", T, minutes=6, reports=2)
    announce("claude", T - 7 * 1440, T + 90)
    if word is not None:
        OfficialUpdate.objects.create(
            incident=OfficialIncident.objects.get(),
            key="word",
            status="identified",
            body="We are still looking.",
            posted_at=start_of(word),
            first_seen_at=start_of(word),
        )
    counted_until(T + 30)
    evaluation.evaluate(NOW)
    assert Outage.objects.exists() is is_open


@pytest.mark.django_db
@pytest.mark.parametrize(("service", "opened"), [("claude", 1), ("noise", 0)])
def test_weak_crowd_opens_an_outage_only_while_its_vendor_declares_an_incident(
    service: str, opened: int
) -> None:
    quiet_day("claude", T)
    burst("claude", T, minutes=6, reports=2)
    announce(service, T - 5, T + 60)
    counted_until(T + 7)
    evaluation.evaluate(NOW)
    assert Outage.objects.count() == opened


@pytest.mark.django_db
def test_work_that_the_vendor_announced_keeps_an_outage_from_being_confirmed() -> None:
    quiet_day("claude", T)
    burst("claude", T, minutes=20)
    announce("claude", T - 30, T + 60, is_maintenance=True)
    counted_until(T + 60)
    evaluation.evaluate(NOW)
    assert {to for _, _, to, _ in story()} == {"possible", "over"}


@pytest.mark.django_db
def test_declaration_made_later_does_not_change_what_is_evaluated_again() -> None:
    quiet_day("claude", T)
    burst("claude", T, minutes=20)
    declare("claude", "hold", T - 60, T + 60)
    Declaration.objects.update(made_at=start_of(T + 30))
    counted_until(T + 15)
    evaluation.evaluate(NOW)
    assert Outage.objects.get().state == "confirmed"


@pytest.mark.django_db
def test_restart_rebuilds_the_memory_to_the_same_bits() -> None:
    quiet_day("claude", T)
    burst("claude", T, minutes=20)
    for minute in (T - 400, T + 3, T + 11):
        counted_until(minute)
        evaluation.evaluate(NOW)
    counted_until(T + 12)
    evaluation.evaluate(NOW)
    through = memory_bits()
    EvaluationMark.objects.update(evaluated_until=start_of(T + 11))
    counted_until(T + 11)
    evaluation.forget()
    # A tick of a worker that has just started: one Minute later both know the same.
    counted_until(T + 12)
    evaluation.evaluate(NOW)
    assert memory_bits() == through


@pytest.mark.django_db
def test_unreadable_checkpoint_costs_only_the_time_to_learn_again() -> None:
    quiet_day("claude", T)
    burst("claude", T)
    counted_until(T - 5)
    evaluation.evaluate(NOW)
    EngineCheckpoint.objects.update(data=b"outcry-detector-0 of an older program")
    evaluation.forget()
    counted_until(T + 10)
    evaluation.evaluate(NOW)
    assert Outage.objects.get().state == "confirmed"


@pytest.mark.django_db
def test_declaration_of_another_service_changes_nothing() -> None:
    quiet_day("claude", T)
    burst("claude", T, minutes=20)
    declare("noise", "hold", T - 60, T + 60)
    counted_until(T + 15)
    evaluation.evaluate(NOW)
    assert Outage.objects.get().state == "confirmed"


@pytest.mark.django_db
def test_picture_shows_what_is_observed_and_expected() -> None:
    quiet_day("claude", T)
    burst("claude", T)
    counted_until(T + 10)
    evaluation.evaluate(NOW)
    status = ServiceStatus.objects.get(service__slug="claude")
    assert (status.verdict, status.at) == ("major", start_of(T + 10))
    assert status.outage == Outage.objects.get()
    assert (status.observed, status.last_hour) == (600, 605)
    assert status.low <= status.expected <= status.high < 30
    places = PlaceStatus.objects.filter(service__slug="claude")
    assert {place.region_id: place.observed for place in places} == {"US": 605, "US-CA": 605}
    # The Service is no very large one.
    assert {(place.recent, place.recent_expected) for place in places} == {(None, None)}
    assert Expectation.objects.filter(service__slug="claude").count() > 100


@pytest.mark.django_db
def test_picture_of_a_very_large_service_has_the_last_quarter_hour_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(levels, "VERY_LARGE", 0.05)
    quiet_day("claude", T)
    burst("claude", T)
    counted_until(T + 10)
    evaluation.evaluate(NOW)
    place = PlaceStatus.objects.get(service__slug="claude", region_id="US-CA")
    assert (place.observed, place.recent) == (605, 600)
    assert place.expected is not None
    assert place.recent_expected == pytest.approx(place.expected / 4, abs=0.2)
    # Another process goes on from what stands there.
    evaluation.forget()
    counted_until(T + 16)
    evaluation.evaluate(NOW)
    place.refresh_from_db()
    assert (place.observed, place.recent) == (604, 540)


@pytest.mark.django_db
def test_picture_knows_no_usual_of_a_place_that_it_learnt_nothing_of() -> None:
    quiet_day("claude", T)
    count("claude", T, 6, region="DE")
    count("github", T, 6, region="US-CA")
    counted_until(T + 2)
    evaluation.evaluate(NOW)
    known = PlaceStatus.objects.values_list("service__slug", "region_id", "expected")
    usual = {(slug, code): expected for slug, code, expected in known}
    # github has no day of history, claude none of Germany.
    assert usual["claude", "DE"] is None
    assert usual["github", "US-CA"] is None
    assert usual["claude", "US-CA"] == pytest.approx(6.0, abs=2.0)
    evaluation.forget()
    counted_until(T + 3)
    evaluation.evaluate(NOW)
    assert PlaceStatus.objects.get(service__slug="claude", region_id="DE").expected is None


@pytest.mark.django_db
def test_picture_of_a_service_that_went_quiet_says_so() -> None:
    quiet_day("claude", T)
    burst("claude", T)
    counted_until(T + 10)
    evaluation.evaluate(NOW)
    counted_until(T + 400)
    evaluation.evaluate(NOW)
    status = ServiceStatus.objects.get(service__slug="claude")
    assert (status.verdict, status.outage, status.observed) == ("ok", None, 0)
    assert not PlaceStatus.objects.exists()


@pytest.mark.django_db
def test_checkpoints_are_kept_for_two_days_only() -> None:
    quiet_day("claude", T, days=4)
    counted_until(T)
    evaluation.evaluate(NOW)
    kept = EngineCheckpoint.objects.order_by("at")
    assert len(kept) == checkpoints.KEPT
    assert kept[0].at == start_of(T // 360 * 360 - 7 * 360)


@pytest.mark.django_db
def test_checkpoint_before_a_correction_is_kept_until_that_is_settled() -> None:
    quiet_day("claude", T, days=4)
    since = start_of(T - 3 * 1440)
    CountCorrection.objects.create(revision=1, service=factories.service("claude"), since=since)
    counted_until(T)
    evaluation.evaluate(NOW)
    kept = EngineCheckpoint.objects.order_by("at")
    assert len(kept) == checkpoints.KEPT + 1
    assert kept[0].at == start_of((T - 3 * 1440) // 360 * 360)
