"""Rejected Reports stop to count, restored ones count again, and every act leaves a trail."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from reports import partitions, submission
from reports.models import ModerationEntry, Report, Service
from reports.models.moderation import Act, StaleBucket
from reports.moderation import Sighting, reject, restorable, restore, undo
from reports.selection import Selection
from reports.trail import NotUndoableError
from reports.writing import TABLE
from tests.factories import make_report
from tests.reports.drafting import NOON, make_draft

WINDOW = timedelta(minutes=60)
LATER = NOON + timedelta(hours=5)
MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _day(request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("committed" if "committed" in request.fixturenames else "db")
    partitions.ensure(TABLE, NOON.date(), NOON.date())


def counted() -> set[UUID]:
    """The ids of the Reports that count."""
    return set(Report.objects.filter(rejected_at=None).values_list("id", flat=True))


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        ({"service": "claude"}, {"other service"}),
        ({"since": NOON + MINUTE}, {"early", "other service"}),
        ({"until": NOON + MINUTE}, {"late", "california", "berlin"}),
        ({"region": "US"}, {"early", "late", "other service", "berlin"}),
        ({"region": "US-CA"}, {"early", "late", "other service", "berlin"}),
        ({"region": ""}, set()),
        ({"region": "D"}, {"early", "late", "other service", "california", "berlin"}),
        ({"service": "claude", "region": "DE"}, {"early", "late", "other service", "california"}),
    ],
)
def test_reject_takes_those_that_meet_every_condition(
    chosen: dict[str, object], left: set[str]
) -> None:
    made = {
        "early": make_report(at=NOON),
        "late": make_report(at=NOON + MINUTE),
        "other service": make_report("aws", at=NOON),
        "california": make_report(at=NOON + MINUTE, region="US-CA"),
        "berlin": make_report(at=NOON + MINUTE, region="DE-BE"),
    }
    slug = chosen.pop("service", None)
    if slug:
        chosen["service_id"] = Service.objects.get(slug=slug).pk
    entry = reject(Selection(**chosen), by=None, reason="flood", now=LATER)  # type: ignore[arg-type]  # a table
    assert {name for name, report in made.items() if report.id in counted()} == left
    assert entry.reports == len(made) - len(left)


def test_reject_by_sender_by_network_and_by_id() -> None:
    alice, bob, carol, dave = (make_report(at=NOON) for _ in range(4))
    for selection in (
        Selection(fingerprint=bytes(alice.fingerprint)),
        Selection(network=bytes(bob.network)),
        Selection(ids=(carol.id,)),
    ):
        assert reject(selection, by=None, reason="", now=LATER).reports == 1
    assert counted() == {dave.id}


def test_selection_of_everything_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Selection()


def test_every_act_is_told_and_every_touched_bucket_is_stale() -> None:
    moderator = User.objects.create(username="maria")
    for seconds, region, kind in [
        (0, "DE", "api"),
        (59, "DE", "api"),
        (60, "DE", "api"),
        (1, "", None),
    ]:
        make_report(at=NOON + timedelta(seconds=seconds), region=region, problem_type=kind)
    since = Selection(since=NOON)
    entry = reject(since, by=moderator, reason="a flood", now=LATER)
    assert (entry.act, entry.at, entry.by, entry.reason) == (
        Act.REJECT,
        LATER,
        moderator,
        "a flood",
    )
    assert (entry.reports, entry.subject) == (4, "reports with since 2026-03-18T12:00:00+00:00")
    buckets = {
        (stale.region_id, stale.problem_type and stale.problem_type.slug, stale.minute)
        for stale in StaleBucket.objects.select_related("problem_type")
    }
    assert buckets == {("DE", "api", NOON), ("DE", "api", NOON + MINUTE), ("", None, NOON)}
    assert StaleBucket.objects.count() == 3


def test_second_rejection_changes_nothing() -> None:
    report = make_report(at=NOON)
    selection = Selection(ids=[report.id])
    reject(selection, by=None, reason="", now=LATER)
    assert reject(selection, by=None, reason="", now=LATER + MINUTE).reports == 0
    assert Report.objects.get().rejected_at == LATER
    assert StaleBucket.objects.count() == 1


def test_restore_counts_again_and_makes_the_buckets_stale() -> None:
    report = make_report(at=NOON)
    selection = Selection(ids=[report.id])
    reject(selection, by=None, reason="", now=LATER)
    StaleBucket.objects.all().delete()
    entry = restore(selection, by=None, reason="a mistake", now=LATER + MINUTE)
    assert (entry.act, entry.reports, counted()) == (Act.RESTORE, 1, {report.id})
    assert StaleBucket.objects.get().minute == NOON


def test_undo_restores_what_one_entry_rejected_and_no_more() -> None:
    first, second = make_report(at=NOON), make_report(at=NOON)
    entry = reject(Selection(ids=[first.id]), by=None, reason="", now=LATER)
    reject(Selection(ids=[second.id]), by=None, reason="", now=LATER + MINUTE)
    undone = undo(entry, by=None, reason="", now=LATER + 2 * MINUTE)
    assert counted() == {first.id}
    assert undone.subject == f"entry {entry.pk}: reports with ids 1 given"
    with pytest.raises(NotUndoableError):
        undo(undone, by=None, reason="", now=LATER)
    assert ModerationEntry.objects.count() == 3


def test_restore_never_counts_a_person_twice() -> None:
    first = make_report(at=NOON, sender="alice")
    reject(Selection(ids=[first.id]), by=None, reason="", now=LATER)
    second = make_report(at=NOON + timedelta(minutes=30), sender="alice")
    assert restore(Selection(ids=[first.id]), by=None, reason="", now=LATER).reports == 0
    assert counted() == {second.id}


def test_thousands_at_once(claude: Service) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reports_report (id, received_at, service_id, region_id, region_source,"
            " channel, fingerprint, network) SELECT gen_random_uuid(), %s + n * interval '1 s', %s,"
            " 'DE', 'user', 'api', uuid_send(gen_random_uuid()), uuid_send(gen_random_uuid())"
            " FROM generate_series(0, 2999) AS n",
            [NOON, claude.pk],
        )
    selection = Selection(service_id=claude.pk, since=NOON, until=NOON + timedelta(hours=1))
    assert reject(selection, by=None, reason="", now=LATER).reports == 3000
    assert StaleBucket.objects.count() == 50
    assert restore(selection, by=None, reason="", now=LATER).reports == 3000


def test_restore_and_a_new_report_at_once_count_the_person_once(
    committed: None, claude: Service
) -> None:
    for turn in range(5):
        person, at = f"person-{turn}", NOON + timedelta(minutes=turn)
        first = submission.submit(make_draft(claude, person, at=at))
        selection = Selection(ids=[first.id])
        reject(selection, by=None, reason="", now=LATER)
        with ThreadPoolExecutor(2) as pool:
            restored = pool.submit(_restored, selection, LATER)
            again = pool.submit(submission.submit, make_draft(claude, person, at=at + MINUTE))
            restored.result()
            answer = again.result()
        assert (answer.id == first.id) is answer.is_repeat
    assert Report.objects.filter(rejected_at=None).count() == 5


def _restored(selection: Selection, now: datetime) -> ModerationEntry:
    try:
        return restore(selection, by=None, reason="", now=now)
    finally:
        connection.close()


SIGHTINGS = st.lists(
    st.builds(
        lambda number, person, minutes: Sighting(
            UUID(int=number), (1, bytes([person])), NOON + timedelta(minutes=minutes)
        ),
        st.integers(0, 10**9),
        st.integers(0, 1),
        st.integers(0, 300),
    ),
    max_size=12,
)


@given(SIGHTINGS, SIGHTINGS)
def test_restorable_leaves_every_person_once_in_a_window_and_none_out_in_vain(
    rejected: list[Sighting], before: list[Sighting]
) -> None:
    already = restorable(before, [], WINDOW)
    back = restorable(rejected, already, WINDOW)
    after = [*already, *back]
    for index, one in enumerate(after):
        for other in after[index + 1 :]:
            assert one.person != other.person or abs(one.received_at - other.received_at) >= WINDOW
    for sighting in rejected:
        assert sighting in back or any(
            sighting.person == one.person and abs(sighting.received_at - one.received_at) < WINDOW
            for one in after
        )
