"""Reports are found by every condition, and everything found is acted on at once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from reports import moderation_jobs, undoing
from reports.desk import finding
from reports.models import ModerationEntry, Report
from reports.trail import Doing
from tests.factories import digest, make_report, service
from tests.reports.desk.people import REASON, hold, staff

pytestmark = pytest.mark.django_db
FIND = "/admin/queue/reports/"


@pytest.fixture
def desk() -> Client:
    """A moderator's browser."""
    return staff("view", "change")


def number(desk: Client, **query: str) -> int:
    """How many Reports a search finds."""
    found = desk.get(FIND, query).context["found"]
    assert found is not None, desk.get(FIND, query).context["find"].errors
    return int(found.number)


def counted() -> int:
    """How many Reports count."""
    return Report.objects.filter(rejected_at=None).count()


def test_each_condition_narrows_what_is_found(desk: Client) -> None:
    now = datetime.now(UTC)
    make_report("claude", at=now - timedelta(minutes=3), region="US-CA", problem_type="api")
    make_report("claude", at=now - timedelta(minutes=2), region="DE", sender="lou")
    make_report("aws", at=now - timedelta(minutes=1))
    Report.objects.filter(service=service("aws")).update(rejected_at=now)
    assert number(desk) == 3
    assert number(desk, service="claude") == 2
    assert number(desk, service="claude", problem_type="api") == 1
    assert number(desk, region="us") == 1
    assert number(desk, network=digest("network of lou").hex()) == 1
    assert number(desk, fingerprint=digest("lou").hex()) == 1
    assert number(desk, state="rejected") == 1
    middle = f"{now - timedelta(seconds=90):%Y-%m-%dT%H:%M:%S}"
    assert number(desk, until=middle) == 2
    assert number(desk, since=middle) == 1


@pytest.mark.parametrize(
    "query",
    [
        {"service": "x"},
        {"region": "ZZ"},
        {"network": "ab"},
        {"since": "soon"},
        {"problem_type": "api"},
    ],
)
def test_odd_conditions_are_told(desk: Client, query: dict[str, str]) -> None:
    answer = desk.get(FIND, query)
    assert answer.status_code == 200
    assert 'class="wrong"' in answer.content.decode() or answer.context["find"].errors
    assert desk.post(f"{FIND}?{'&'.join('='.join(x) for x in query.items())}").status_code == 400


def test_words_of_a_comment_stand_beside_its_report(desk: Client) -> None:
    hold("<i>buy</i>")
    assert "&lt;i&gt;buy" in desk.get(FIND).content.decode()


def test_found_is_rejected_restored_and_each_undone(desk: Client) -> None:
    for _ in range(3):
        make_report("claude")
    kept = make_report("claude", region="DE")
    make_report("aws")
    page = f"{FIND}?service=claude"
    assert "Say why" in desk.post(page, {"do": "reject"}, follow=True).content.decode()
    desk.post(f"{page}&region=DE", {"do": "reject", "reason": REASON})
    desk.post(page, {"do": "reject", "reason": REASON})
    moderation_jobs.work(datetime.now(UTC))
    assert counted() == 1
    desk.post(f"{page}&region=DE", {"do": "restore", "reason": REASON})
    moderation_jobs.work(datetime.now(UTC))
    assert set(Report.objects.filter(rejected_at=None).values_list("id", flat=True)) >= {kept.id}
    assert counted() == 2
    entry = ModerationEntry.objects.get(act="restore")
    assert "region DE" in entry.subject
    # Undone it takes out what it brought back, not everything of its conditions.
    make_report("claude", region="DE")
    undoing.undo(entry, Doing(entry.by, "", datetime.now(UTC)))
    moderation_jobs.work(datetime.now(UTC))
    assert counted() == 2
    assert not Report.objects.filter(pk=kept.pk, rejected_at=None).exists()


def test_everybodys_reports_are_not_acted_on_at_once(desk: Client) -> None:
    make_report()
    assert 'value="reject"' not in desk.get(FIND).content.decode()
    assert desk.post(FIND, {"do": "reject", "reason": REASON}).status_code == 400


def test_too_many_are_restored_only_by_undoing(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moderation_jobs, "MOST_RESTORED", 1)
    for _ in range(2):
        make_report()
    Report.objects.update(rejected_at=datetime.now(UTC))
    form = {"do": "restore", "reason": REASON}
    answer = desk.post(f"{FIND}?service=claude", form, follow=True)
    assert "Too many" in answer.content.decode()


def test_looking_is_given_up_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "PATIENCE_MILLISECONDS", 20)
    with pytest.raises(finding.TooMuchError), finding.patience(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(20)")


def test_search_is_for_those_who_may_look() -> None:
    make_report()
    assert staff().get(FIND).status_code == 403
    reader = staff("view")
    assert 'value="reject"' not in reader.get(FIND, {"service": "claude"}).content.decode()
    form = {"do": "reject", "reason": REASON}
    assert reader.post(f"{FIND}?service=claude", form).status_code == 403
