"""What every verb on Outages does: lock the row, check its state, write the event of a move."""

from collections.abc import Collection, Iterable
from datetime import datetime

from aggregator import alerting
from aggregator.models import EvaluationMark, Outage, OutageEvent
from aggregator.models.outage import EventKind
from reports import geography

# Nothing has happened to a Service: only how its Outages are told apart.
UNTOLD = (EventKind.JOINED, EventKind.SPLIT)


class NotPossibleError(Exception):
    """The Outage is no longer in a state that allows this act; the text says why, for people."""


def locked(outage_id: int, states: Collection[str]) -> Outage:
    """An Outage in one of some states, locked until the transaction ends.

    Raises:
        NotPossibleError: when it is in another one.
    """
    outage = Outage.objects.select_for_update().get(pk=outage_id)
    if outage.state not in states:
        message = f"This outage is {outage.get_state_display()}."
        raise NotPossibleError(message)
    return outage


def decided_at(now: datetime) -> datetime:
    """The instant that an act of a person carries: in a Minute that nobody has evaluated yet.

    So the detector is told of it in the same Minute whenever that is evaluated, and again. Keeps
    evaluation waiting until the transaction ends.
    """
    mark = EvaluationMark.objects.select_for_update().first()
    return max(now, mark.evaluated_until) if mark else now


def append(
    outage: Outage, kind: EventKind, from_state: str, *, at: datetime, **more: object
) -> OutageEvent:
    """Add the event of a move and the Alerts it causes. Must run in the move's transaction."""
    event = OutageEvent.objects.create(
        outage=outage,
        kind=kind,
        from_state=from_state,
        to_state=outage.state,
        at=at,
        region_id=outage.region_id,
        regions=outage.regions,
        cause=outage.cause,
        **more,
    )
    if kind not in UNTOLD:
        alerting.enqueue(event)
    return event


def set_scope(outage: Outage, codes: Iterable[str]) -> None:
    """Make some Regions the scope; none, or the world among them: worldwide."""
    scope = sorted(set(codes))
    if not scope or "" in scope:
        outage.region_id, outage.regions = "", [""]
        return
    above = [(code, *geography.ancestors(code)) for code in scope]
    outage.region_id = next(code for code in above[0] if all(code in path for path in above))
    outage.regions = scope
