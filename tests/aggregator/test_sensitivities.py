"""A Service's sensitivity is changed from now on, kept for good, and can be undone."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from aggregator import evaluation, sensitivities
from aggregator.clock import minute_of, start_of
from aggregator.models import EngineCheckpoint, EvaluationMark, OutageEvent, SensitivityChange
from aggregator.sensitivities import NoChangeError
from reports import undoing
from reports.models import ModerationEntry
from reports.models.moderation import Act
from reports.trail import Doing, NotUndoableError, UndoneAlreadyError
from tests.aggregator.crowds import burst, counted_until, quiet_day
from tests.factories import service

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_process")]

T = minute_of(datetime(2026, 3, 18, 14, 0, tzinfo=UTC))
NOW = start_of(T) + timedelta(seconds=20)


@pytest.fixture
def doing() -> Doing:
    """What a moderator does."""
    return Doing(User.objects.create_user("maria"), "Match nights.", NOW)


def told() -> list[tuple[datetime, str, object]]:
    """The moves so far, with the step that held."""
    events = OutageEvent.objects.order_by("pk")
    return [(event.at, event.to_state, event.numbers.get("sensitivity")) for event in events]


def test_a_change_holds_from_the_next_minute_and_is_in_the_trail(doing: Doing) -> None:
    entry = sensitivities.change(service("claude"), "low", doing)
    assert (entry.act, entry.reason, entry.by) == (Act.TUNE, "Match nights.", doing.by)
    assert entry.subject == "Claude: as the site → low"
    assert SensitivityChange.objects.get().since == start_of(T)
    course = sensitivities.course()
    assert course.at(T - 1).of("claude", 0.0) == "normal"
    assert course.at(T).of("claude", 0.0) == "low"


def test_a_change_leaves_evaluated_minutes_as_they_were(doing: Doing) -> None:
    EvaluationMark.objects.create(evaluated_until=start_of(T + 5))
    sensitivities.change(service("claude"), "low", doing)
    assert SensitivityChange.objects.get().since == start_of(T + 5)


def test_the_same_step_again_is_no_change(doing: Doing) -> None:
    sensitivities.change(service("claude"), "high", doing)
    with pytest.raises(NoChangeError):
        sensitivities.change(service("claude"), "high", doing)
    with pytest.raises(NoChangeError):
        sensitivities.change(service("github"), "", doing)
    assert ModerationEntry.objects.count() == 1


def test_a_step_that_there_is_not_is_refused_by_verb_and_database(doing: Doing) -> None:
    with pytest.raises(ValueError, match="none of"):
        sensitivities.change(service("claude"), "loud", doing)
    row = SensitivityChange(service=service("claude"), value="loud", since=NOW, made_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()
    assert not ModerationEntry.objects.exists()


def test_undo_brings_back_what_held_before_once(doing: Doing) -> None:
    sensitivities.change(service("claude"), "high", doing)
    entry = sensitivities.change(service("claude"), "low", doing)
    undoing.undo(entry, doing)
    assert entry.undone_by.get().subject == "Claude: low → high"
    assert sensitivities.held(service("claude")).own == "high"
    again = sensitivities.change(service("claude"), "low", doing)
    with pytest.raises(UndoneAlreadyError):
        sensitivities.undo(entry, doing)
    sensitivities.undo(again, doing)


def test_what_was_changed_again_since_is_not_undone(doing: Doing) -> None:
    entry = sensitivities.change(service("claude"), "high", doing)
    sensitivities.change(service("claude"), "low", doing)
    with pytest.raises(NotUndoableError):
        sensitivities.undo(entry, doing)


def test_the_sites_own_is_taken_once_and_overridden_by_a_services(doing: Doing) -> None:
    assert not sensitivities.take_site_default("normal", NOW)
    assert sensitivities.take_site_default("low,1000:high", NOW)
    assert not sensitivities.take_site_default("low,1000:high", NOW)
    assert SensitivityChange.objects.get().since == start_of(0)
    sensitivities.change(service("claude"), "normal", doing)
    now = sensitivities.course().at(T)
    assert [now.of(slug, 2000.0) for slug in ("claude", "github")] == ["normal", "high"]


@pytest.mark.slow
def test_a_restart_tells_each_minute_at_the_step_that_held_then(doing: Doing) -> None:
    quiet_day("claude", T)
    burst("claude", T, minutes=4, reports=60)
    burst("claude", T + 240, minutes=20, reports=60)
    counted_until(T + 120)
    evaluation.evaluate(NOW)
    later = Doing(doing.by, doing.reason, start_of(T + 130))
    sensitivities.change(service("claude"), "low", later)
    counted_until(T + 360)
    evaluation.evaluate(start_of(T + 360))
    straight = told()
    assert {step for _, _, step in straight} == {"normal", "low"}

    OutageEvent.objects.all().delete()
    service("claude").outages.all().delete()
    EvaluationMark.objects.update(evaluated_until=start_of(T - 5))
    EngineCheckpoint.objects.filter(at__gt=start_of(T - 5)).delete()
    for minute in (T + 1, T + 243, T + 360):
        evaluation.forget()
        counted_until(minute)
        evaluation.evaluate(start_of(minute))
    assert told() == straight


def told_by_command(*arguments: str) -> str:
    """What `manage.py sensitivity` prints."""
    out = StringIO()
    call_command("sensitivity", *arguments, stdout=out)
    return out.getvalue()


def test_command_changes_and_writes_what_replay_reads() -> None:
    sensitivities.take_site_default("normal,1000:low", NOW)
    said = told_by_command("claude", "high", "--reason=Small and dear.")
    assert said == "Claude: as the site → high\n"
    since = SensitivityChange.objects.latest("pk").since
    assert told_by_command().splitlines() == [
        "from,service,sensitivity",
        ',,"normal,1000:low"',
        f"{since:%Y-%m-%dT%H:%M:%SZ},claude,high",
    ]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["nobody", "low", "--reason=x"], "no service 'nobody'"),
        (["claude"], "at which step"),
        (["claude", "low"], "Say why"),
        (["claude", "loud", "--reason=x"], "invalid choice"),
        (["claude", "site", "--reason=x"], "has that sensitivity already"),
    ],
)
def test_command_says_what_is_wrong(arguments: list[str], problem: str) -> None:
    with pytest.raises(CommandError, match=problem):
        told_by_command(*arguments)
