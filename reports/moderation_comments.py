"""What moderators do with comments: hold, release, remove; each undoable, each with its entry."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from reports import trail
from reports.models import Comment, CommentState, HeldBecause, ModerationEntry
from reports.models.moderation import Act
from reports.trail import Doing, NotUndoableError

_ACTS = {
    Act.HOLD: (CommentState.HELD, HeldBecause.MODERATOR.value),
    Act.RELEASE: (CommentState.SHOWN, ""),
    Act.REMOVE: (CommentState.REMOVED, ""),
}


def hold(ids: Sequence[UUID], doing: Doing) -> ModerationEntry:
    """Take comments off their page until somebody decides. Opens a transaction."""
    return _decide(Act.HOLD, ids, doing)


def release(ids: Sequence[UUID], doing: Doing) -> ModerationEntry:
    """Show comments; no flag of a reader holds them again. Opens a transaction."""
    return _decide(Act.RELEASE, ids, doing)


def remove(ids: Sequence[UUID], doing: Doing) -> ModerationEntry:
    """Take comments off for good; their Reports count all the same. Opens a transaction."""
    return _decide(Act.REMOVE, ids, doing)


def undo(entry: ModerationEntry, doing: Doing) -> ModerationEntry:
    """Put comments back to how they were before an act. Opens a transaction.

    Those that expired meanwhile stay away; those that were decided on since, stay so.

    Raises:
        NotUndoableError: when the act was about something else.
        reports.trail.UndoneAlreadyError: when it was undone before.
    """
    if entry.act not in _ACTS:
        raise NotUndoableError
    with transaction.atomic():
        kept = {UUID(row[0]): row[1:] for row in entry.before["comments"]}
        rows = Comment.objects.select_for_update().filter(id__in=kept, reviewed_at=entry.at)
        for comment in rows:
            state, held_because, reviewed_at = kept[comment.id]
            comment.state, comment.held_because = state, held_because
            comment.reviewed_at = reviewed_at and datetime.fromisoformat(reviewed_at)
            comment.save()
        return trail.write(Act.UNDO, f"entry {entry.pk}: {entry.subject}", doing, undoes=entry)


@transaction.atomic
def _decide(act: Act, ids: Sequence[UUID], doing: Doing) -> ModerationEntry:
    state, held_because = _ACTS[act]
    rows = list(Comment.objects.select_for_update().filter(id__in=ids).order_by("id"))
    before = [
        (
            str(row.id),
            row.state,
            row.held_because,
            row.reviewed_at.isoformat() if row.reviewed_at else None,
        )
        for row in rows
    ]
    Comment.objects.filter(id__in=[row.id for row in rows]).update(
        state=state, held_because=held_because, reviewed_at=doing.now
    )
    subject = f"comment {rows[0].id}" if len(rows) == 1 else f"{len(rows)} comments"
    return trail.write(act, subject, doing, before={"comments": before})
