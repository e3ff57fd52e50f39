"""What people decide about Outages; each act has its ModerationEntry."""

from django.db import transaction

from aggregator.models import Outage, OutageEvent
from aggregator.models.outage import EventKind, State
from aggregator.outages.writing import append, locked
from reports import trail
from reports.models.moderation import Act
from reports.trail import Doing


@transaction.atomic
def confirm(outage_id: int, doing: Doing) -> OutageEvent:
    """Confirm a possible Outage.

    Raises:
        NotPossibleError: when it is not `possible`.
    """
    outage = locked(outage_id, {State.POSSIBLE})
    outage.state, outage.confirmed_at = State.CONFIRMED, doing.now
    outage.save()
    return _decided(Act.CONFIRM, outage, EventKind.CONFIRMED, State.POSSIBLE, doing)


@transaction.atomic
def retract(outage_id: int, doing: Doing) -> OutageEvent:
    """Declare that an Outage never was; those who heard of it are told.

    Raises:
        NotPossibleError: when it is retracted already.
    """
    outage = locked(outage_id, {State.POSSIBLE, State.CONFIRMED, State.OVER})
    from_state = outage.state
    outage.state, outage.retracted_at = State.RETRACTED, doing.now
    outage.ended_at = outage.ended_at or doing.now
    outage.save()
    return _decided(Act.RETRACT, outage, EventKind.RETRACTED, from_state, doing)


def _decided(
    act: Act, outage: Outage, kind: EventKind, from_state: str, doing: Doing
) -> OutageEvent:
    entry = trail.write(act, f"outage {outage.pk}: {outage}", doing)
    return append(outage, kind, from_state, at=doing.now, reason=doing.reason, entry=entry)
