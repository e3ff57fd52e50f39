"""What people decide about Outages; each act has its ModerationEntry and can be undone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from aggregator import picture
from aggregator.models import Outage, OutageEvent, OutageNote, ServiceStatus
from aggregator.models.outage import NOT_OVER, EventKind, State
from aggregator.outages import memento
from aggregator.outages.writing import NotPossibleError, append, decided_at, locked, set_scope
from reports import trail
from reports.models import ModerationEntry, Service
from reports.models.moderation import Act
from reports.trail import Doing


@dataclass(frozen=True, slots=True)
class Opening:
    """An Outage that a person knows of.

    Attributes:
        service: the Service's key.
        state: `possible` or `confirmed`.
        started_at: when it began, aware.
        regions: codes of where it is; none: worldwide.
    """

    service: int
    state: State
    started_at: datetime
    regions: Sequence[str] = ()


@transaction.atomic
def confirm(outage_id: int, doing: Doing) -> OutageEvent:
    """Confirm a possible Outage.

    Raises:
        NotPossibleError: when it is not `possible`.
    """
    at = decided_at(doing.now)
    outage = locked(outage_id, {State.POSSIBLE})
    before = memento.snapshot(outage)
    outage.state, outage.confirmed_at = State.CONFIRMED, at
    return _move(Act.CONFIRM, EventKind.CONFIRMED, (outage, before), replace(doing, now=at))


@transaction.atomic
def end(outage_id: int, doing: Doing) -> OutageEvent:
    """End an Outage before the detector does, or one that it does not see.

    A crowd that goes on opens it again; who does not want that retracts it, or holds the Service.

    Raises:
        NotPossibleError: when it has ended already.
    """
    at = decided_at(doing.now)
    outage = locked(outage_id, NOT_OVER)
    before = memento.snapshot(outage)
    outage.state, outage.ended_at = State.OVER, at
    return _move(Act.END, EventKind.CLOSED, (outage, before), replace(doing, now=at))


@transaction.atomic
def retract(outage_id: int, doing: Doing, note: str = "") -> OutageEvent:
    """Declare that an Outage never was; those who heard of it are told.

    Args:
        outage_id: which.
        doing: who, why, when; everybody reads the reason.
        note: more words for its page, in Markdown; empty: none.

    Raises:
        NotPossibleError: when it is retracted already.
    """
    at = decided_at(doing.now)
    outage = locked(outage_id, {*NOT_OVER, State.OVER})
    before = memento.snapshot(outage)
    outage.state, outage.retracted_at = State.RETRACTED, at
    outage.ended_at = outage.ended_at or at
    event = _move(Act.RETRACT, EventKind.RETRACTED, (outage, before), replace(doing, now=at))
    if note and event.entry:
        OutageNote.objects.create(outage=outage, text=note, at=at, entry=event.entry)
    return event


@transaction.atomic
def open_by_hand(opening: Opening, doing: Doing) -> OutageEvent:
    """Open an Outage that the detector does not see.

    It stays open until a person ends it, or until the detector has seen it too and sees it end.

    Raises:
        NotPossibleError: when the Service has one that is not over.
    """
    at = decided_at(doing.now)
    if Outage.objects.filter(service=opening.service, state__in=NOT_OVER).exists():
        message = "This service has an outage that is not over."
        raise NotPossibleError(message)
    status = ServiceStatus.objects.filter(service=opening.service).first()
    outage = Outage(
        service=Service.objects.get(pk=opening.service),
        state=opening.state,
        started_at=min(opening.started_at, at),
        detected_at=at,
        confirmed_at=at if opening.state == State.CONFIRMED else None,
        peak_count=status.observed if status else 0,
        expected_at_peak=status.expected if status else 0.0,
        is_by_hand=True,
    )
    set_scope(outage, opening.regions)
    outage.save()
    kept = memento.changes([(outage, memento.snapshot(outage))])
    entry = trail.write(Act.OPEN, named(outage), replace(doing, now=at), before=kept)
    picture.show(outage.service_id, at)
    return append(outage, EventKind.OPENED, "", at=at, reason=doing.reason, entry=entry)


@transaction.atomic
def annotate(outage_id: int, text: str, doing: Doing) -> OutageNote:
    """Say something of an Outage to everybody, in Markdown."""
    outage = locked(outage_id, State.values)
    kept = {"outages": {str(outage.pk): {}}, "left": {}, "text": text}
    entry = trail.write(Act.ANNOTATE, named(outage), doing, before=kept)
    return OutageNote.objects.create(outage=outage, text=text, at=doing.now, entry=entry)


@transaction.atomic
def name_cause(outage_id: int, cause: int | None, doing: Doing) -> ModerationEntry:
    """Say which Service's failure explains an Outage; the detector says no other one after that.

    Args:
        outage_id: which.
        cause: the key of the Service; None: none does.
        doing: who, why, when.

    Raises:
        NotPossibleError: when it is the Service itself.
    """
    outage = locked(outage_id, State.values)
    if cause == outage.service_id:
        message = "A service is not its own cause."
        raise NotPossibleError(message)
    before = memento.snapshot(outage)
    outage.cause_id, outage.is_cause_set = cause, True
    outage.save()
    kept = {**memento.changes([(outage, before)]), "left": {}}
    return trail.write(Act.EXPLAIN, named(outage), doing, before=kept)


def named(outage: Outage) -> str:
    """An Outage as the subject of an entry."""
    return f"outage {outage.pk}: {outage}"


def _move(
    act: Act, kind: EventKind, changed: tuple[Outage, memento.Kept], doing: Doing
) -> OutageEvent:
    """Save an Outage that an act moved, with all that belongs to that."""
    outage, before = changed
    outage.save()
    entry = trail.write(act, named(outage), doing, before=memento.changes([changed]))
    picture.show(outage.service_id, doing.now)
    state = str(before["state"])
    return append(outage, kind, state, at=doing.now, reason=doing.reason, entry=entry)
