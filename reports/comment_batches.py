"""Batches of a job on held comments: shown or removed by the thousand, and held again.

Which comments an act changed is told by the instant of their review, which is the job's; why each
was held stays with it meanwhile, so that undoing needs no list of them.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from reports.models import Comment, CommentState, ModerationJob
from reports.models.moderation import Act

STATES = {
    Act.RELEASE: CommentState.SHOWN,
    Act.REMOVE: CommentState.REMOVED,
    Act.HOLD: CommentState.HELD,
}


def held(because: str, until: datetime) -> QuerySet[Comment]:
    """The comments that wait.

    Args:
        because: the only reason that is meant; "" for any.
        until: aware; later ones are not meant.
    """
    rows = Comment.objects.filter(state=CommentState.HELD, received_at__lte=until)
    return rows.filter(held_because=because) if because else rows


def decided(at: datetime) -> QuerySet[Comment]:
    """The comments that an act decided on, and nobody since."""
    return Comment.objects.filter(reviewed_at=at)


def do(job: ModerationJob, number: int) -> tuple[Sequence[UUID], int]:
    """Do a job's next so many comments; their ids in order, and how many were changed.

    Must run under the job's row lock. What somebody decided on meanwhile stays as it is.
    """
    rows = _meant(job)
    if job.after is not None:
        rows = rows.filter(id__gt=job.after)
    ids = list(rows.order_by("id").values_list("id", flat=True)[:number])
    reviewed_at = None if job.act == Act.HOLD else job.at
    chosen = _meant(job).filter(id__in=ids)
    return ids, chosen.update(state=STATES[Act(job.act)], reviewed_at=reviewed_at)


def _meant(job: ModerationJob) -> QuerySet[Comment]:
    if job.act == Act.HOLD and job.undoes is not None:
        return decided(job.undoes.at)
    kept = job.selection["held"]
    return held(kept["because"], datetime.fromisoformat(kept["until"]))
