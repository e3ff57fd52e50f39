"""What moderators do with comments, and that all of it can be undone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User

from reports import comments, moderation_comments, report_id, undoing
from reports.models import Comment, ModerationEntry, Service
from reports.trail import Doing, UndoneAlreadyError

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC)


def doing(later: int = 0) -> Doing:
    """Somebody's act, so many seconds later."""
    alice, _ = User.objects.get_or_create(username="alice")
    return Doing(alice, "looked at it", NOW + timedelta(seconds=later))


@pytest.fixture
def held(claude: Service) -> Comment:
    """A comment with a link, which waits."""
    return Comment.objects.create(
        id=report_id.new(NOW),
        received_at=NOW,
        service=claude,
        region_id="",
        text="see https://x.example",
        state="held",
        held_because="link",
    )


def test_released_comment_is_shown_and_undo_holds_it_again(held: Comment, claude: Service) -> None:
    entry = moderation_comments.release([held.id], doing())
    assert [one.id for one in comments.recent(claude.pk, NOW)] == [held.id]
    assert (entry.act, str(entry.by), entry.reason) == ("release", "alice", "looked at it")
    undoing.undo(entry, doing(1))
    held.refresh_from_db()
    assert (held.state, held.held_because, held.reviewed_at) == ("held", "link", None)
    with pytest.raises(UndoneAlreadyError):
        undoing.undo(entry, doing(2))


def test_removed_comment_is_shown_nowhere_until_undone(held: Comment, claude: Service) -> None:
    moderation_comments.release([held.id], doing())
    entry = moderation_comments.remove([held.id], doing(1))
    assert not comments.recent(claude.pk, NOW)
    undoing.undo(entry, doing(2))
    assert comments.recent(claude.pk, NOW)


def test_undo_leaves_what_somebody_decided_since(held: Comment) -> None:
    first = moderation_comments.release([held.id], doing())
    moderation_comments.hold([held.id], doing(1))
    undoing.undo(first, doing(2))
    held.refresh_from_db()
    assert (held.state, held.held_because) == ("held", "moderator")
    assert ModerationEntry.objects.count() == 3
