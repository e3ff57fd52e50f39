"""Held comments in the queue."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from reports import bans, moderation_comments, moderation_jobs
from reports.desk.kinds import ACCEPT, BAN, REJECT, Deed, Everything, Kind, Row, Sentence
from reports.models import Comment, CommentState, HeldBecause, Report
from reports.models.moderation import Act
from reports.trail import Doing


def _number() -> int:
    return _held().count()


def _waiting(first: int, limit: int) -> list[Row]:
    """The newest first: readers look for what is said now."""
    rows = _held().select_related("service", "region").order_by("-received_at")
    return [_row(comment) for comment in rows[first : first + limit]]


def _row(comment: Comment) -> Row:
    place = comment.region.name if comment.region_id else "unknown place"
    return Row(
        key=str(comment.id),
        at=comment.received_at,
        service=comment.service.name,
        why=comment.get_held_because_display(),
        text=comment.text,
        facts=(place,),
    )


def _show(keys: Sequence[str], doing: Doing, _sentence: Sentence) -> int:
    ids = _still_held(keys)
    if ids:
        moderation_comments.release(ids, doing)
    return len(ids)


def _remove(keys: Sequence[str], doing: Doing, _sentence: Sentence) -> int:
    ids = _still_held(keys)
    if ids:
        moderation_comments.remove(ids, doing)
    return len(ids)


def _ban(keys: Sequence[str], doing: Doing, sentence: Sentence) -> int:
    """Remove the comments and ban who sent them."""
    ids = _still_held(keys)
    if ids:
        moderation_comments.remove(ids, doing)
    if senders := bans.senders_of(Report.objects.filter(id__in=ids), sentence.whom):
        bans.ban_hashes(senders, sentence.whom, sentence.length, doing)
    return len(ids)


def _everything(deed: str, why: str, doing: Doing) -> None:
    moderation_jobs.decide_held(Act.RELEASE if deed == ACCEPT else Act.REMOVE, why, doing)


def _held() -> QuerySet[Comment]:
    return Comment.objects.filter(state=CommentState.HELD)


def _still_held(keys: Sequence[str]) -> list[UUID]:
    return list(_held().filter(id__in=[UUID(key) for key in keys]).values_list("id", flat=True))


HELD_COMMENTS = Kind(
    name="comment",
    title="Held comments",
    number=_number,
    waiting=_waiting,
    deeds={
        ACCEPT: Deed("Show", _show),
        REJECT: Deed("Remove", _remove),
        BAN: Deed("Remove and ban", _ban),
    },
    everything=Everything(HeldBecause.choices, _everything),
)
