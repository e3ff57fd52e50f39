"""Taking back what a person did to Outages."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import IntegrityError, transaction

from aggregator import picture
from aggregator.models import Outage, OutageNote
from aggregator.models.outage import NOT_OVER, EventKind, State
from aggregator.outages import memento
from aggregator.outages.shaped import hand_over
from aggregator.outages.writing import append, decided_at
from reports import trail
from reports.models import ModerationEntry
from reports.models.moderation import Act
from reports.trail import Doing, NotUndoableError, UndoneAlreadyError

# How each is told; what is not named here moves no Outage.
_TOLD = {
    Act.CONFIRM: EventKind.CORRECTED,
    Act.END: EventKind.CORRECTED,
    Act.RETRACT: EventKind.CORRECTED,
    Act.OPEN: EventKind.RETRACTED,
    Act.JOIN: EventKind.SPLIT,
    Act.SPLIT: EventKind.JOINED,
}


@transaction.atomic
def undo(entry: ModerationEntry, doing: Doing) -> ModerationEntry:
    """Bring back how Outages were before an act; those who heard of it get the correction.

    Raises:
        NotUndoableError: when it was no act on Outages, or they have moved on since.
        UndoneAlreadyError: when it was undone before.
    """
    doing = replace(doing, now=decided_at(doing.now))
    if entry.undone_by.exists():
        raise UndoneAlreadyError
    rows = _rows(entry.before)
    subject = f"entry {entry.pk}: {entry.subject}"
    written = trail.write(Act.UNDO, subject, doing, undoes=entry)
    if "events" in entry.before:
        hand_over(entry.before, entry.before["from"])
    OutageNote.objects.filter(entry=entry).delete()
    moved = [(row, row.state) for row in rows]
    for row in rows:
        _put_back(row, entry, doing)
    _save(rows)
    kind = _TOLD.get(Act(entry.act))
    for row, from_state in moved:
        if kind and row.joined_into_id is None:
            append(row, kind, from_state, at=doing.now, reason=doing.reason, entry=written)
        picture.show(row.service_id, doing.now)
    return written


def _rows(before: Mapping[str, Any]) -> list[Outage]:
    """The Outages of an act, locked.

    Raises:
        NotUndoableError: when there are none, or one has moved on since.
    """
    if "outages" not in before:
        raise NotUndoableError
    found = Outage.every.select_for_update().filter(pk__in=before["outages"]).order_by("pk")
    rows = list(found)
    if any(row.state != before["left"].get(str(row.pk), row.state) for row in rows):
        raise NotUndoableError
    return rows


def _put_back(row: Outage, entry: ModerationEntry, doing: Doing) -> None:
    if entry.act == Act.OPEN:
        row.state, row.retracted_at, row.ended_at = State.RETRACTED, doing.now, doing.now
    else:
        memento.bring_back(row, entry.before["outages"][str(row.pk)])


def _save(rows: list[Outage]) -> None:
    """Save them, those that are over first, so that never two of a Service are open.

    Raises:
        NotUndoableError: when another one of the Service is open by now.
    """
    try:
        with transaction.atomic():
            for row in sorted(rows, key=lambda one: one.state in NOT_OVER):
                row.save()
    except IntegrityError as error:
        raise NotUndoableError from error
