"""Held comments are decided by the thousand in the background, and held again when undone."""

from datetime import UTC, datetime, timedelta

import pytest

from reports import moderation_comments, moderation_jobs, tasks, undoing
from reports.models import Comment, HeldBecause, ModerationEntry, ModerationJob
from reports.models.moderation import Act
from reports.trail import Doing, UndoneAlreadyError
from tests.reports.desk.people import REASON, hold, staff

pytestmark = pytest.mark.django_db


def doing() -> Doing:
    """A rule's act, now."""
    return Doing(None, REASON, datetime.now(UTC))


def states() -> list[str]:
    """The states of all comments, the oldest first."""
    return list(Comment.objects.order_by("received_at").values_list("state", flat=True))


def test_all_of_one_cause_are_removed_batch_by_batch_and_held_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(moderation_jobs, "BATCH", 2)
    comments = [hold(f"{number}") for number in range(6)]
    Comment.objects.filter(id=comments[0].id).update(held_because=HeldBecause.PHONE)
    moderation_comments.release([comments[1].id], doing())
    job = moderation_jobs.decide_held(Act.REMOVE, "link", doing())
    assert job.total == 4
    moderation_jobs.work_one(datetime.now(UTC))
    job.refresh_from_db()
    assert (job.state, job.seen, job.changed) == ("running", 2, 2)
    # Somebody shows one while the job runs, and a later one comes in.
    last = Comment.objects.filter(state="held", held_because="link").order_by("id").last()
    assert last is not None
    moderation_comments.release([last.id], doing())
    Comment.objects.filter(id=hold("later").id).update(received_at=datetime.now(UTC))
    tasks.moderate()
    assert states().count("removed") == 3
    assert states().count("held") == 2
    entry = ModerationEntry.objects.get(act=Act.REMOVE)
    assert (entry.reports, entry.subject[:28]) == (0, "3 comments that were held be")
    undoing.undo(entry, doing())
    with pytest.raises(UndoneAlreadyError):
        undoing.undo(entry, doing())
    tasks.moderate()
    assert sorted(states()) == ["held"] * 5 + ["shown"] * 2
    assert set(Comment.objects.filter(state="held").values_list("held_because", flat=True)) == {
        "link",
        "phone",
    }
    again = ModerationEntry.objects.get(act=Act.HOLD)
    undoing.undo(again, doing())
    tasks.moderate()
    # What came in after the first act is not meant by its repetition.
    assert states().count("removed") == 3


def test_all_are_shown_from_the_queue() -> None:
    desk = staff("view", "change")
    hold()
    old = hold()
    Comment.objects.filter(id=old.id).update(received_at=datetime.now(UTC) - timedelta(hours=1))
    page = desk.get("/admin/queue/", {"kind": "comment"}).content.decode()
    assert 'value="accept-all comment"' in page
    form = {"do": "accept-all comment", "held_because": ""}
    assert "Showing comments" in desk.post("/admin/queue/", form, follow=True).content.decode()
    tasks.moderate()
    assert states() == ["shown", "shown"]
    refused = {"do": "reject-all comment", "reason": " "}
    assert "Say why" in desk.post("/admin/queue/", refused, follow=True).content.decode()
    for odd in ("reject-all burst", "reject-all x", "ban-all comment", "-all comment"):
        form = {"do": odd, "reason": REASON, "held_because": "x"}
        assert desk.post("/admin/queue/", form).status_code == 400
    assert ModerationJob.objects.count() == 1
