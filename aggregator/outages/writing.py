"""What every verb on Outages does: lock the row, check its state, write the event of a move."""

from collections.abc import Collection
from datetime import datetime

from aggregator import alerting
from aggregator.models import Outage, OutageEvent
from aggregator.models.outage import EventKind


class NotPossibleError(Exception):
    """The Outage is no longer in a state that allows this act."""


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
    alerting.enqueue(event)
    return event
