"""Acts over many Reports: batches that survive a kill, two workers, and being undone."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connections

from reports import moderation, moderation_jobs, report_id, tasks, undoing
from reports.models import ModerationEntry, ModerationJob, Report, Service, StaleBucket
from reports.selection import Selection
from reports.trail import Doing, UndoneAlreadyError
from tests.factories import digest

pytestmark = pytest.mark.usefixtures("committed")
NOW = datetime.now(UTC)
NETWORK = digest("a network")


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten Reports a batch."""
    monkeypatch.setattr(moderation_jobs, "BATCH", 10)


@pytest.fixture
def flood(claude: Service) -> Selection:
    """Thirty-five Reports of one network among five of others."""
    start = NOW - timedelta(minutes=5)
    Report.objects.bulk_create(
        Report(
            id=report_id.new(start + timedelta(seconds=number)),
            received_at=start + timedelta(seconds=number),
            service=claude,
            region_id="",
            region_source="none",
            channel="api",
            fingerprint=digest(f"person {number}"),
            network=NETWORK if number < 35 else digest(f"network {number}"),
        )
        for number in range(40)
    )
    return Selection(service_id=claude.pk, since=start, until=NOW, networks=[NETWORK])


def doing(later: int = 0) -> Doing:
    """Somebody's act, so many seconds later."""
    alice, _ = User.objects.get_or_create(username="alice")
    return Doing(alice, "automated", NOW + timedelta(seconds=later))


def counted() -> int:
    """Reports that count."""
    return Report.objects.filter(rejected_at=None).count()


def test_job_rejects_in_batches_and_leaves_one_entry(flood: Selection) -> None:
    job = moderation_jobs.start(flood, doing())
    assert (job.total, job.state, counted()) == (35, "waiting", 40)
    assert moderation_jobs.work_one(NOW)
    job.refresh_from_db()
    assert (job.state, job.seen, job.changed, counted()) == ("running", 10, 10, 30)
    assert not ModerationEntry.objects.exists()
    tasks.moderate()
    job.refresh_from_db()
    assert (job.state, job.changed, counted()) == ("done", 35, 5)
    entry = ModerationEntry.objects.get()
    assert (entry.act, entry.reports, entry.reason) == ("reject", 35, "automated")
    assert entry.by is not None
    assert StaleBucket.objects.exists()


def test_undo_and_undo_of_the_undo_bring_the_same_reports_back(flood: Selection) -> None:
    moderation_jobs.start(flood, doing())
    moderation_jobs.work(NOW)
    undoing.undo(ModerationEntry.objects.get(), doing(1))
    moderation_jobs.work(NOW)
    assert counted() == 40
    with pytest.raises(UndoneAlreadyError):
        undoing.undo(ModerationEntry.objects.get(act="reject"), doing(2))
    undoing.undo(ModerationEntry.objects.get(act="restore"), doing(3))
    moderation_jobs.work(NOW)
    assert counted() == 5


def test_killed_batch_changes_nothing_and_the_next_worker_goes_on(
    flood: Selection, monkeypatch: pytest.MonkeyPatch
) -> None:
    moderation_jobs.start(flood, doing())
    moderation_jobs.work_one(NOW)
    change = moderation.change

    def die(*arguments: object, **named: object) -> None:
        change(*arguments, **named)  # type: ignore[arg-type]  # handed on as they came
        raise KeyboardInterrupt

    monkeypatch.setattr(moderation, "change", die)
    with pytest.raises(KeyboardInterrupt):
        moderation_jobs.work_one(NOW)
    assert (ModerationJob.objects.get().seen, counted()) == (10, 30)
    monkeypatch.setattr(moderation, "change", change)
    moderation_jobs.work(NOW)
    assert (ModerationJob.objects.get().changed, counted()) == (35, 5)


def test_two_workers_do_every_batch_once(flood: Selection) -> None:
    moderation_jobs.start(flood, doing())

    def work(_: int) -> int:
        try:
            return moderation_jobs.work(NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(work, range(2))) == 4
    job = ModerationJob.objects.get()
    assert (job.seen, job.changed, counted()) == (35, 35, 5)
    assert ModerationEntry.objects.count() == 1


def test_cancelled_job_keeps_what_it_did_and_can_be_undone(flood: Selection) -> None:
    job = moderation_jobs.start(flood, doing())
    moderation_jobs.work_one(NOW)
    moderation_jobs.cancel(job.pk, doing(1))
    assert moderation_jobs.work(NOW) == 0
    entry = ModerationEntry.objects.get()
    assert (entry.reports, counted()) == (10, 30)
    undoing.undo(entry, doing(2))
    moderation_jobs.work(NOW)
    assert counted() == 40


def test_what_comes_in_after_the_act_is_not_meant(flood: Selection, claude: Service) -> None:
    moderation_jobs.start(Selection(service_id=claude.pk), doing())
    Report.objects.filter(network=NETWORK).update(received_at=NOW + timedelta(seconds=1))
    moderation_jobs.work(NOW)
    assert counted() == 35


def test_selection_survives_its_way_through_json(flood: Selection) -> None:
    assert Selection.of_json(flood.as_json()) == flood
