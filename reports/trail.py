"""The trail of moderation: one entry an act, written in its transaction, never edited."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from reports.models import ModerationEntry
from reports.models.moderation import Act


class UndoneAlreadyError(Exception):
    """Somebody undid this act before."""


class NotUndoableError(Exception):
    """There is nothing that undoing this act could bring back."""


@dataclass(frozen=True, slots=True)
class Doing:
    """Who does something, why, and when (aware); `by` is None for a rule."""

    by: User | None
    reason: str
    now: datetime


def write(  # noqa: PLR0913 - the columns of the row
    act: Act,
    subject: str,
    doing: Doing,
    *,
    reports: int = 0,
    before: Mapping[str, object] | None = None,
    undoes: ModerationEntry | None = None,
) -> ModerationEntry:
    """Write an entry. Must run in the act's transaction.

    Args:
        act: what was done.
        subject: to what, in words.
        doing: who, why, when.
        reports: how many Reports it changed.
        before: what undoing it must bring back.
        undoes: the act that it undid.

    Raises:
        UndoneAlreadyError: when another one undid that before.
    """
    try:
        with transaction.atomic():
            return ModerationEntry.objects.create(
                act=act,
                at=doing.now,
                by=doing.by,
                reason=doing.reason,
                subject=subject,
                reports=reports,
                before=dict(before or {}),
                undoes=undoes,
            )
    except IntegrityError as error:
        if undoes is not None and undoes.undone_by.exists():
            raise UndoneAlreadyError from error
        raise
