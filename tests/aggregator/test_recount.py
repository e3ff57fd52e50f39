"""A recount finds every wrong count, and puts it right."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F

from aggregator import counting
from aggregator.models import CountingMark, HourCount, MinuteCount, QuarterCount
from reports import partitions
from reports.models import Report
from tests import factories
from tests.aggregator.truth import assert_counts_are_true, reject

pytestmark = pytest.mark.usefixtures("committed")
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture(autouse=True)
def _some_counts(committed: None) -> None:
    """Four Reports in two Minutes, three of them with the same key, all counted."""
    counting.count(datetime.now(UTC))
    for _ in range(3):
        factories.make_report(at=NOON, region="US-CA", problem_type="api")
    factories.make_report("github", at=NOON + timedelta(minutes=20))
    counting.count(datetime.now(UTC))


def check() -> None:
    call_command("recount", "--check")


def failed_check(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines of a check that must fail."""
    with pytest.raises(CommandError):
        check()
    return capsys.readouterr().out.splitlines()


def test_check_of_right_counts_passes(capsys: pytest.CaptureFixture[str]) -> None:
    check()
    assert capsys.readouterr().out.startswith("All counts are right")


def test_check_passes_while_reports_wait_to_be_counted() -> None:
    reject(factories.make_report(at=NOON), Report.objects.filter(region="US-CA")[0])
    factories.make_report(at=NOON)
    check()


def test_check_names_a_wrong_minute(capsys: pytest.CaptureFixture[str]) -> None:
    MinuteCount.objects.filter(region="US-CA").update(count=F("count") + 1)
    lines = failed_check(capsys)
    assert lines[0] == f"{NOON:%Y-%m-%dT%H:%MZ}  1m claude US-CA api: 4, not 3"
    assert lines[1] == f"{NOON:%Y-%m-%dT%H:%MZ} 15m claude US-CA api: 3, not 4"
    assert len(lines) == 2


def test_check_names_a_missing_and_a_surplus_count(capsys: pytest.CaptureFixture[str]) -> None:
    HourCount.objects.filter(region="US-CA").delete()
    HourCount.objects.filter(service__slug="github").update(region="DE")
    assert [line.split("1h ")[1] for line in failed_check(capsys)] == [
        "claude US-CA api: 0, not 3",
        "github (no place) (no type): 0, not 1",
        "github DE (no type): 1, not 0",
    ]


def test_check_shows_a_limited_number_of_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.management.commands.recount.SHOWN", 1)
    HourCount.objects.all().delete()
    with pytest.raises(CommandError, match="2 counts differ"):
        check()
    assert len(capsys.readouterr().out.splitlines()) == 1


def test_check_of_other_days_passes() -> None:
    MinuteCount.objects.update(count=7)
    call_command("recount", "--check", "--to", str(NOON.date() - timedelta(days=1)))


def test_check_finds_reports_copied_in_from_another_cluster() -> None:
    Report.objects.filter(region="").update(transaction=9_000_000_000)
    with pytest.raises(CommandError):
        check()
    call_command("recount")
    check()
    assert_counts_are_true()


def test_check_before_the_first_count_fails() -> None:
    CountingMark.objects.all().delete()
    with pytest.raises(CommandError, match="Nothing was counted"):
        check()


@pytest.mark.parametrize("model", [MinuteCount, QuarterCount, HourCount])
def test_repair_puts_every_table_right(
    model: type[MinuteCount | QuarterCount | HourCount],
) -> None:
    model.objects.filter(region="US-CA").update(count=1)
    model.objects.filter(service__slug="github").update(problem_type=7)
    model.objects.create(start=NOON, service=factories.service("aws"), region_id="", count=2)
    call_command("recount")
    assert_counts_are_true()
    check()


def test_repair_leaves_waiting_reports_to_counting() -> None:
    factories.make_report(at=NOON)
    call_command("recount")
    assert sum(MinuteCount.objects.values_list("count", flat=True)) == 4
    counting.count(datetime.now(UTC))
    assert_counts_are_true()


def test_repair_before_the_first_count_counts_everything() -> None:
    CountingMark.objects.all().delete()
    MinuteCount.objects.update(count=9)
    call_command("recount")
    assert_counts_are_true()
    check()


def test_repair_raises_the_revision() -> None:
    before = CountingMark.objects.get().revision
    MinuteCount.objects.update(count=9, start=F("start"))
    CountingMark.objects.update(counted_until=NOON + timedelta(hours=1))
    call_command("recount")
    assert CountingMark.objects.get().revision == before + 1


def test_counts_of_expired_reports_are_only_rolled_up() -> None:
    day = NOON - timedelta(days=200)
    partitions.ensure("aggregator_minutecount", day.date(), day.date())
    MinuteCount.objects.create(
        start=day, service=factories.service("aws"), region_id="", problem_type=None, count=5
    )
    call_command("recount")
    assert MinuteCount.objects.get(start=day).count == 5
    assert QuarterCount.objects.get(start=day).count == 5
    assert HourCount.objects.get(start=day).count == 5
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE aggregator_minutecount_{day:%Y%m%d}")


def test_wrong_order_of_days_is_refused() -> None:
    with pytest.raises(CommandError, match="--from is after --to"):
        call_command("recount", "--from", "2026-03-02", "--to", "2026-03-01")
