"""What operators know beforehand of a Service: declared, ended before its time, taken back."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from aggregator.models import Declaration
from aggregator.models.declaration import DeclarationKind
from aggregator.outages.writing import NotPossibleError, decided_at
from reports import trail
from reports.models import ModerationEntry
from reports.models.moderation import Act
from reports.trail import Doing, NotUndoableError, UndoneAlreadyError


@dataclass(frozen=True, slots=True)
class Declared:
    """What is declared.

    Attributes:
        service: the Service's key.
        kind: work on it, a surge, or silence wanted.
        starts_at: aware; a Minute that is evaluated already stays as it is.
        ends_at: aware; it ends by itself.
        note: for everybody to read; empty: nothing more to say.
    """

    service: int
    kind: DeclarationKind
    starts_at: datetime
    ends_at: datetime
    note: str = ""


@transaction.atomic
def declare(declared: Declared, doing: Doing) -> Declaration:
    """Have the detector treat a Service with more reserve for a while.

    Raises:
        NotPossibleError: when it would have ended already, or before it began.
    """
    doing = replace(doing, now=decided_at(doing.now))
    if declared.ends_at <= max(declared.starts_at, doing.now):
        message = "It must end later than now, and than it begins."
        raise NotPossibleError(message)
    made = _make(declared, doing)
    trail.write(Act.DECLARE, _named(made), doing, before={"declaration": made.pk})
    return made


@transaction.atomic
def lift(declaration_id: int, doing: Doing) -> Declaration:
    """End a declaration before its time.

    Raises:
        NotPossibleError: when it has ended.
    """
    doing = replace(doing, now=decided_at(doing.now))
    made = _going_on(declaration_id, doing.now)
    if made is None:
        message = "This has ended already."
        raise NotPossibleError(message)
    _end(made, doing.now)
    trail.write(Act.LIFT, _named(made), doing, before={"declaration": made.pk})
    return made


@transaction.atomic
def undo(entry: ModerationEntry, doing: Doing) -> ModerationEntry:
    """Take a declaration back, or make one that was lifted anew; what was evaluated stays.

    Raises:
        NotUndoableError: when it has ended meanwhile.
        UndoneAlreadyError: when it was undone before.
    """
    doing = replace(doing, now=decided_at(doing.now))
    if entry.undone_by.exists():
        raise UndoneAlreadyError
    key = int(entry.before["declaration"])
    if entry.act == Act.DECLARE:
        made = _going_on(key, doing.now)
        if made is None:
            raise NotUndoableError
        _end(made, doing.now)
    else:
        made = Declaration.objects.get(pk=key)
        if made.ends_at <= doing.now:
            raise NotUndoableError
        kind = DeclarationKind(made.kind)
        span = max(made.starts_at, doing.now), made.ends_at
        _make(Declared(made.service_id, kind, *span, made.note), doing)
    return trail.write(Act.UNDO, f"entry {entry.pk}: {entry.subject}", doing, undoes=entry)


def in_force(service: int, now: datetime) -> QuerySet[Declaration]:
    """What is declared of a Service for an instant (aware), the first to end first."""
    span = Q(starts_at__lte=now, ends_at__gt=now, lifted_at=None)
    return Declaration.objects.filter(span, service=service).order_by("ends_at")


def _make(declared: Declared, doing: Doing) -> Declaration:
    return Declaration.objects.create(
        service_id=declared.service,
        kind=declared.kind,
        starts_at=declared.starts_at,
        ends_at=declared.ends_at,
        note=declared.note,
        made_at=doing.now,
        made_by=doing.by,
    )


def _going_on(key: int, now: datetime) -> Declaration | None:
    """A declaration that has not ended, locked."""
    rows = Declaration.objects.select_for_update().filter(pk=key, lifted_at=None)
    return rows.filter(ends_at__gt=now).first()


def _end(made: Declaration, at: datetime) -> None:
    made.lifted_at = at
    made.save(update_fields=["lifted_at"])


def _named(made: Declaration) -> str:
    """A declaration as the subject of an entry."""
    return f"{made}, {made.starts_at:%Y-%m-%d %H:%M} to {made.ends_at:%Y-%m-%d %H:%M} UTC"
