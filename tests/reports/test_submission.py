"""Reports are durable before the answer, and each person counts once in a window."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from uuid import UUID

import psycopg
import pytest
from django.db import connection

from reports import partitions, report_id, submission, writing
from reports.drafts import Receipt
from reports.models import Comment, IntakeMinute, Report, Service
from reports.submission import UnavailableError, submit, submit_many
from reports.writing import TABLE
from tests.reports.drafting import NOON, make_draft

pytestmark = pytest.mark.usefixtures("committed", "writer")
WINDOW = timedelta(minutes=60)


@pytest.fixture
def writer(committed: None) -> Iterator[None]:
    """A writer of this test's own."""
    submission.stop()
    partitions.ensure(TABLE, NOON.date() - timedelta(days=1), NOON.date() + timedelta(days=1))
    yield
    submission.stop()


def receipts(outcomes: list[Receipt | UnavailableError]) -> list[Receipt]:
    assert all(isinstance(outcome, Receipt) for outcome in outcomes)
    return [outcome for outcome in outcomes if isinstance(outcome, Receipt)]


def wait_until(condition: Callable[[], bool]) -> None:
    """Look until something is so; a test that waits for long hangs on a fault."""
    deadline = monotonic() + 30
    while not condition():
        assert monotonic() < deadline
        sleep(0.01)


def test_submit_stores_what_the_draft_says(claude: Service) -> None:
    draft = make_draft(claude, at=NOON, comment="no answers")
    receipt = submit(draft)
    report = Report.objects.get()
    assert receipt == Receipt(report.id, NOON, "US-CA", is_repeat=False)
    assert bytes(report.fingerprint) == draft.hashes.fingerprint
    assert bytes(report.network) == draft.hashes.network
    assert (report.service, report.region_id, report.region_source) == (claude, "US-CA", "user")
    assert (Comment.objects.get().text, report.channel) == ("no answers", "api")
    assert report.rejected_at is None
    assert report.id.version == 7


def test_repeat_inside_the_window_gets_the_first_receipt(claude: Service) -> None:
    first = submit(make_draft(claude, at=NOON))
    again = submit(make_draft(claude, at=NOON + WINDOW - timedelta(seconds=1)))
    assert again == Receipt(first.id, NOON, "US-CA", is_repeat=True)
    assert Report.objects.count() == 1


def test_window_ends_after_its_length_from_the_first_counted_report(claude: Service) -> None:
    first = submit(make_draft(claude, at=NOON))
    submit(make_draft(claude, at=NOON + WINDOW / 2))
    after = submit(make_draft(claude, at=NOON + WINDOW))
    assert (after.is_repeat, after.id == first.id) == (False, False)


def test_report_that_arrives_late_repeats_a_later_one(claude: Service) -> None:
    first = submit(make_draft(claude, at=NOON))
    late = submit(make_draft(claude, at=NOON - timedelta(seconds=2)))
    assert late.id == first.id


def test_other_people_and_other_services_are_no_repeats(claude: Service) -> None:
    aws = Service.objects.get(slug="aws")
    drafts = [make_draft(claude), make_draft(claude, "bob"), make_draft(aws)]
    assert len({receipt.id for receipt in receipts(submit_many(drafts))}) == 3


def test_rejected_report_is_no_reason_to_refuse_the_next(claude: Service) -> None:
    first = submit(make_draft(claude, at=NOON))
    Report.objects.filter(id=first.id).update(rejected_at=NOON)
    assert not submit(make_draft(claude, at=NOON + timedelta(minutes=1))).is_repeat


def test_person_known_under_yesterdays_fingerprint_is_a_repeat(claude: Service) -> None:
    midnight = datetime(2026, 3, 18, tzinfo=UTC)
    first = submit(make_draft(claude, "alice-17", at=midnight - timedelta(seconds=1)))
    draft = make_draft(claude, "alice-18", at=midnight, earlier="alice-17")
    assert submit(draft).id == first.id
    assert Report.objects.count() == 1


def test_repeats_in_one_batch_get_one_receipt(claude: Service) -> None:
    drafts = [
        make_draft(claude, "alice-17", at=NOON),
        make_draft(claude, "alice-18", at=NOON, earlier="alice-17"),
        make_draft(claude, "alice-18", at=NOON),
    ]
    answers = receipts(submit_many(drafts))
    assert len({receipt.id for receipt in answers}) == 1
    assert [receipt.is_repeat for receipt in answers] == [False, True, True]
    assert Report.objects.count() == 1


def test_one_person_on_many_threads_is_one_report(claude: Service) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: submit(make_draft(claude)), range(200)))
    assert len({receipt.id for receipt in answers}) == 1
    assert sum(not receipt.is_repeat for receipt in answers) == 1
    assert Report.objects.count() == 1


CROWD = """
import sys
from concurrent.futures import ThreadPoolExecutor
import django
django.setup()
from reports.models import Service
from reports.submission import submit
from tests.reports.drafting import make_draft
claude = Service.objects.get(slug="claude")
print("ready", flush=True)
sys.stdin.readline()
people = [f"person-{n % 10}" for n in range(100)]
with ThreadPoolExecutor(10) as pool:
    for receipt in pool.map(lambda person: submit(make_draft(claude, person)), people):
        print(receipt.id)
"""


def test_ten_people_through_two_processes_are_ten_reports(environment: dict[str, str]) -> None:
    crowds = [
        subprocess.Popen(  # noqa: S603 - our own words
            [sys.executable, "-c", CROWD],
            env={**environment, "DJANGO_SETTINGS_MODULE": "config.settings"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for crowd in crowds:
        assert crowd.stdout is not None
        assert crowd.stdout.readline() == "ready\n"
    printed = []
    for crowd in crowds:
        assert crowd.stdin is not None
        crowd.stdin.write("go\n")
        crowd.stdin.flush()
    for crowd in crowds:
        printed += crowd.communicate(timeout=60)[0].split()
        assert crowd.returncode == 0
    assert len(printed) == 200
    assert {UUID(text) for text in printed} == set(Report.objects.values_list("id", flat=True))
    assert Report.objects.count() == 10


def test_person_at_another_process_is_waited_for_and_then_seen(claude: Service) -> None:
    row = writing._Row(report_id.new(NOON), make_draft(claude, at=NOON))
    with (
        psycopg.connect(**connection.get_connection_params()) as other,
        ThreadPoolExecutor() as pool,
    ):
        other.execute(writing.LOCK, writing._locks([row]))
        other.execute(writing.INSERT, writing._values([row]))
        answer = pool.submit(submit, make_draft(claude, at=NOON))
        wait_until(lambda: answer.done() or _somebody_waits_for_a_lock())
        other.commit()
        assert answer.result().id == row.id
    assert Report.objects.count() == 1


def _somebody_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return cursor.fetchone() is not None


def test_repeats_are_looked_for_by_fingerprint_whatever_the_statistics_say(claude: Service) -> None:
    row = writing._Row(report_id.new(NOON), make_draft(claude, at=NOON))
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute(writing.LOCK, writing._locks([row]))
        plan = other.execute(f"EXPLAIN {writing.INSERT}", writing._values([row])).fetchall()
    looks = [line for (line,) in plan if " on reports_report_" in line]
    assert len(looks) == 1
    assert "fingerprint_service_id_received_at_idx" in looks[0]


def test_bad_row_fails_alone(claude: Service) -> None:
    drafts = [make_draft(claude, f"person-{n}") for n in range(7)]
    drafts[3] = make_draft(claude, "mallory", comment="no database takes a \0")
    outcomes = submit_many(drafts)
    assert [isinstance(outcome, Receipt) for outcome in outcomes] == [True] * 3 + [False] + [
        True
    ] * 3
    assert Report.objects.count() == 6


def test_missing_partition_is_made(claude: Service) -> None:
    day = datetime(2033, 1, 2, 12, tzinfo=UTC)
    receipt = submit(make_draft(claude, at=day))
    assert Report.objects.get(id=receipt.id).received_at == day
    assert day.date() in partitions.days(TABLE)


def test_lost_connection_is_made_again(claude: Service) -> None:
    submit(make_draft(claude))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert not submit(make_draft(claude, "bob")).is_repeat
    assert Report.objects.count() == 2


def test_absent_database_is_said_and_nothing_is_acknowledged(
    claude: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise psycopg.OperationalError

    monkeypatch.setattr(psycopg, "connect", refuse)
    with pytest.raises(UnavailableError):
        submit(make_draft(claude))
    monkeypatch.undo()
    assert not submit(make_draft(claude)).is_repeat


def test_full_queue_refuses_at_once(claude: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "QUEUE_SIZE", 1)
    with pytest.raises(UnavailableError):
        submit_many([make_draft(claude), make_draft(claude, "bob")])
    assert Report.objects.count() == 0
    assert not submit(make_draft(claude)).is_repeat


def test_sender_who_gave_up_is_left_out(claude: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("LOCK TABLE reports_report IN ACCESS EXCLUSIVE MODE")
        waiting = submission.start().enqueue([make_draft(claude)], is_throttled=False)
        wait_until(_the_table_is_waited_for)
        monkeypatch.setattr(submission, "ANSWER_SECONDS", 0.0)
        with pytest.raises(UnavailableError):
            submit(make_draft(claude, "bob"))
        other.rollback()
    waiting[0].done.wait()
    submission.stop()
    assert isinstance(waiting[0].outcome, Receipt)
    assert Report.objects.get().id == waiting[0].outcome.id


def _the_table_is_waited_for() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE locktype = 'relation' AND NOT granted")
        return cursor.fetchone() is not None


def test_stop_writes_what_waits_and_submit_starts_again(claude: Service) -> None:
    waiting = submission.start().enqueue(
        [make_draft(claude, f"person-{n}") for n in range(50)], is_throttled=False
    )
    submission.stop()
    assert all(isinstance(one.outcome, Receipt) for one in waiting)
    assert not submit(make_draft(claude)).is_repeat


def test_forked_child_starts_its_own_writer(claude: Service) -> None:
    submit(make_draft(claude))
    child = os.fork()
    if child == 0:
        os._exit(0 if submission._writer is None else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_writer_notes_the_minute_it_lives_in() -> None:
    before = datetime.now(UTC)
    submission.start()
    submission.stop()
    minutes = set(IntakeMinute.objects.values_list("minute", flat=True))
    assert minutes & {
        moment.replace(second=0, microsecond=0) for moment in (before, datetime.now(UTC))
    }


def test_writer_that_died_is_followed_by_another(claude: Service) -> None:
    submission.start().stop()
    assert not submit(make_draft(claude)).is_repeat


def test_threads_that_start_at_once_start_one_writer() -> None:
    submission.stop()
    barrier = threading.Barrier(8)

    def begin(_: int) -> submission.Writer:
        barrier.wait()
        return submission.start()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(begin, range(8)))) == 1
