"""The queue: everything in one list, done by buttons, undone from the same page."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from reports import bursts, moderation_jobs, trail, undoing
from reports.models import (
    Ban,
    Burst,
    Comment,
    ModerationEntry,
    ModerationJob,
    Report,
    Service,
    ServiceSuggestion,
)
from reports.models.moderation import Act
from reports.trail import Doing
from tests.reports.desk.people import REASON, flood, hold, staff

pytestmark = pytest.mark.django_db
QUEUE, UNDO, DOINGS = "/admin/queue/", "/admin/queue/undo/", "/admin/queue/doings/"


@pytest.fixture
def desk() -> Client:
    """A moderator's browser."""
    return staff("view", "change")


def do(desk: Client, deed: str, *, reason: str = REASON, **more: object) -> str:
    """Press a button; the page that comes."""
    form = {"do": deed, "reason": reason, "whom": "network", "hours": "72", **more}
    return desk.post(QUEUE, form, follow=True).content.decode()


def undo_last(desk: Client) -> str:
    """Undo the newest act; the page that comes."""
    entry = ModerationEntry.objects.order_by("-id").first()
    assert entry is not None
    return desk.post(UNDO, {"entry": entry.pk, "reason": ""}, follow=True).content.decode()


def test_bursts_and_held_comments_are_one_list(
    desk: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    flood()
    for number in range(60):
        hold(f"comment {number} <b>")
    with django_assert_max_num_queries(12):
        page = desk.get(QUEUE).content.decode()
    assert page.count('class="row"') == 50
    assert page.index("120 reports") < page.index("comment 59 &lt;b&gt;")
    assert "comment 10 " not in page
    assert "comment 10 " in desk.get(QUEUE, {"page": "2"}).content.decode()
    assert "120 reports" not in desk.get(QUEUE, {"kind": "comment"}).content.decode()


@pytest.mark.parametrize("query", ["?page=x", "?page=-1", "?page=99999999999", "?kind=x"])
def test_odd_addresses_are_answered(desk: Client, query: str) -> None:
    assert desk.get(QUEUE + query).status_code == 200


@pytest.mark.parametrize(("deed", "state"), [("accept", "shown"), ("reject", "removed")])
def test_comment_is_decided_and_waits_again_when_undone(
    desk: Client, deed: str, state: str
) -> None:
    comment = hold()
    other = hold()
    do(desk, f"{deed} comment:{comment.id}")
    comment.refresh_from_db()
    other.refresh_from_db()
    assert (comment.state, other.state) == (state, "held")
    undo_last(desk)
    comment.refresh_from_db()
    assert comment.state == "held"


def test_chosen_rows_are_decided_at_once(desk: Client) -> None:
    comments, burst = [hold(), hold()], flood()
    names = [f"comment:{one.id}" for one in comments] + [f"burst:{burst.pk}"]
    page = do(desk, "accept", row=names)
    assert "Accepted: 3." in page
    assert set(Comment.objects.values_list("state", flat=True)) == {"shown"}
    assert Burst.objects.get().state == "dismissed"


def test_rejecting_needs_a_reason_and_keeps_it(desk: Client) -> None:
    comment, _other = hold(), hold()
    assert "Say why first" in do(desk, f"reject comment:{comment.id}", reason=" ")
    assert Comment.objects.filter(state="held").count() == 2
    assert 'value="my words"' in do(desk, f"reject comment:{comment.id}", reason="my words")
    assert ModerationEntry.objects.get().reason == "my words"


def test_ban_from_a_comment_removes_it_and_names_its_network(desk: Client) -> None:
    comment = hold()
    do(desk, f"ban comment:{comment.id}")
    ban = Ban.objects.get()
    assert bytes(ban.hash) == bytes(Report.objects.get().network)
    assert (ban.until - ban.made_at).total_seconds() == 72 * 3600
    assert Comment.objects.get().state == "removed"


def test_burst_is_rejected_in_the_background_and_undone(desk: Client) -> None:
    burst = flood()
    page = do(desk, f"ban burst:{burst.pk}")
    assert "<progress" in page
    assert "every 1s" in desk.get(DOINGS).content.decode()
    moderation_jobs.work(datetime.now(UTC))
    assert Report.objects.filter(rejected_at=None).count() == 0
    assert "every 1s" not in desk.get(DOINGS).content.decode()
    bans = ModerationEntry.objects.get(act="ban")
    assert len(bans.before["bans"]) == Ban.objects.filter(lifted_at=None).count() == 3
    undo_last(desk)
    moderation_jobs.work(datetime.now(UTC))
    assert Report.objects.filter(rejected_at=None).count() == 120
    assert Burst.objects.get().state == "open"
    desk.post(UNDO, {"entry": bans.pk, "reason": ""})
    assert not Ban.objects.filter(lifted_at=None).exists()


def test_several_bursts_are_rejected_by_one_click(desk: Client) -> None:
    bursts = [flood(), flood(slug="aws")]
    do(desk, "reject", row=[f"burst:{one.pk}" for one in bursts])
    assert ModerationJob.objects.count() == 2
    moderation_jobs.work(datetime.now(UTC))
    assert not Report.objects.filter(rejected_at=None).exists()
    now = datetime.now(UTC)
    for entry in ModerationEntry.objects.all():
        undoing.undo(entry, Doing(entry.by, "", now))
    moderation_jobs.work(now)
    assert not Report.objects.exclude(rejected_at=None).exists()


def test_job_is_stopped_from_the_queue(desk: Client) -> None:
    do(desk, f"reject burst:{flood().pk}")
    page = desk.post(UNDO, {"job": ModerationJob.objects.get().pk, "reason": ""}, follow=True)
    assert "Stopped." in page.content.decode()
    assert ModerationJob.objects.get().state == "cancelled"


def test_what_a_colleague_settled_is_left_alone(desk: Client) -> None:
    comment, burst = hold(), flood()
    do(desk, f"accept comment:{comment.id}")
    do(desk, f"accept burst:{burst.pk}")
    page = do(desk, "reject", row=[f"comment:{comment.id}", f"burst:{burst.pk}"])
    assert "Left as they are: 2." in page
    assert Comment.objects.get().state == "shown"
    entry = ModerationEntry.objects.get(act="release")
    assert "Undone" in desk.post(UNDO, {"entry": entry.pk}, follow=True).content.decode()
    assert "undid this before" in desk.post(UNDO, {"entry": entry.pk}, follow=True).content.decode()


@pytest.mark.parametrize(
    "form",
    [{"do": "fly"}, {"do": "accept comment:7"}, {"do": "accept x:7"}, {"do": "accept burst:x"}],
)
def test_odd_forms_are_refused(desk: Client, form: dict[str, str]) -> None:
    assert desk.post(QUEUE, {**form, "reason": REASON, "row": "x:1"}).status_code == 400


def test_suggestion_is_accepted_as_a_draft_or_declined_and_undone() -> None:
    desk = staff("view", "change", others=["change_servicesuggestion"])
    now = datetime.now(UTC)
    for name in ("Bank of Otter", "No Such"):
        ServiceSuggestion.objects.create(key=name, name=name, first_at=now, last_at=now)
    otter, other = ServiceSuggestion.objects.order_by("name")
    assert "1 person asks for it" in desk.get(QUEUE).content.decode()
    do(desk, f"accept suggestion:{otter.pk}")
    assert not Service.objects.get(name="Bank of Otter").is_active
    # The key for bans is not for suggestions.
    assert "Left as they are: 1." in do(desk, f"ban suggestion:{other.pk}")
    do(desk, f"reject suggestion:{other.pk}")
    other.refresh_from_db()
    assert other.state == "declined"
    undo_last(desk)
    other.refresh_from_db()
    assert other.state == "open"


def test_nobody_does_or_undoes_what_they_may_not() -> None:
    now = datetime.now(UTC)
    one = ServiceSuggestion.objects.create(key="x", name="X", first_at=now, last_at=now)
    entry = trail.write(Act.EDIT, "claude", Doing(None, "", datetime.now(UTC)))
    desk = staff("view", "change")
    assert "data-undo" not in desk.get(QUEUE).content.decode()
    assert desk.post(UNDO, {"entry": entry.pk}).status_code == 403
    assert desk.post(QUEUE, {"do": f"accept suggestion:{one.pk}"}).status_code == 403


def test_who_may_only_look_has_no_buttons() -> None:
    comment, burst = hold(), flood()
    reader = staff("view")
    page = reader.get(QUEUE).content.decode()
    assert "buy at" in page
    assert 'name="do"' not in page
    for path in (QUEUE, UNDO):
        form = {"do": f"accept comment:{comment.id}", "job": burst.pk, "reason": REASON}
        assert reader.post(path, form).status_code == 403
    assert Comment.objects.get().state == "held"


@pytest.mark.parametrize("path", [QUEUE, DOINGS])
def test_staff_without_the_right_and_strangers_stay_out(path: str) -> None:
    assert staff().get(path).status_code == 403
    assert Client().get(path).headers["Location"].startswith("/admin/login/")


def test_undoing_sends_nobody_elsewhere(desk: Client) -> None:
    do(desk, f"accept comment:{hold().id}")
    entry = ModerationEntry.objects.get()
    answer = desk.post(UNDO, {"entry": entry.pk, "back": "https://evil.example/"})
    assert answer.headers["Location"] == QUEUE


def test_burst_waits_again_only_when_all_of_it_is_back(
    desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moderation_jobs, "BATCH", 50)
    do(desk, f"reject burst:{flood().pk}")
    moderation_jobs.work(datetime.now(UTC))
    undo_last(desk)
    moderation_jobs.work_one(datetime.now(UTC))
    bursts.find(datetime.now(UTC))
    assert Burst.objects.get().state == "rejected"
    moderation_jobs.work(datetime.now(UTC))
    bursts.find(datetime.now(UTC))
    burst = Burst.objects.get()
    assert (burst.state, burst.reports) == ("open", 120)
