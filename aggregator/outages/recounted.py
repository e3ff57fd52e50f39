"""What becomes of an Outage when the Reports it rests on are counted anew.

These verbs are the rule's, not a person's: they leave no ModerationEntry, because the act that
rejected or restored the Reports has one, and undoing that act undoes them.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import transaction

from aggregator.clock import end_of, start_of
from aggregator.models import Outage, OutageEvent
from aggregator.models.outage import NOT_OVER, EventKind, State
from aggregator.outages.writing import append, locked
from aggregator.retelling import Stretch
from reports.selectors import Rejected

log = structlog.get_logger(__name__)

RULE = "recount"


@transaction.atomic
def withdraw(outage_id: int, rejected: Rejected, now: datetime) -> OutageEvent:
    """Retract an Outage that what is left of its Reports does not bear out.

    Args:
        outage_id: of one that is not retracted yet.
        rejected: what moderators took out of it.
        now: the end of the last Minute that was evaluated, aware.

    Raises:
        NotPossibleError: when it is retracted already.
    """
    outage = locked(outage_id, {*NOT_OVER, State.OVER})
    from_state = outage.state
    outage.state, outage.retracted_at = State.RETRACTED, now
    outage.ended_at = outage.ended_at or now
    outage.save()
    log.info("outage.withdrawn", outage=outage.pk, removed=rejected.count)
    numbers = {"rule": RULE, "removed": rejected.count}
    reason = _told_of(rejected)
    return append(outage, EventKind.RETRACTED, from_state, at=now, reason=reason, numbers=numbers)


@transaction.atomic
def rectify(outage_id: int, stretches: Sequence[Stretch], now: datetime) -> OutageEvent | None:
    """Give an Outage the figures, and if need be the state, that recounted Reports bear out.

    One that was retracted by this rule stands again; those who heard otherwise are told.

    Args:
        outage_id: of one that no person has decided on.
        stretches: what the detector makes of its time now, oldest first; at least one.
        now: the end of the last Minute that was evaluated, aware.

    Returns:
        The event of the correction; None when only figures changed, of which nobody is told.
    """
    outage = locked(outage_id, set(State))
    from_state, was_confirmed = outage.state, outage.confirmed_at is not None
    best = max(stretches, key=lambda one: one.peak_count)
    outage.peak_count, outage.expected_at_peak = best.peak_count, best.expected_at_peak
    outage.started_at = start_of(min(one.started for one in stretches))
    confirmed = [one.confirmed for one in stretches if one.confirmed is not None]
    if not confirmed:
        outage.confirmed_at = None
    elif outage.confirmed_at is None:
        outage.confirmed_at = end_of(confirmed[0])
    _take_state(outage, stretches[-1])
    outage.save()
    if (outage.state, outage.confirmed_at is not None) == (from_state, was_confirmed):
        return None
    log.info("outage.rectified", outage=outage.pk, from_state=from_state, to_state=outage.state)
    return append(outage, EventKind.CORRECTED, from_state, at=now, numbers={"rule": RULE})


def _take_state(outage: Outage, last: Stretch) -> None:
    """The state of the last stretch, as far as it is this Outage's to have."""
    others = Outage.objects.filter(service=outage.service_id, state__in=NOT_OVER)
    if last.ended is None and not others.exclude(pk=outage.pk).exists():
        outage.state, outage.ended_at = State(last.state), None
    elif outage.state == State.RETRACTED:
        outage.state = State.OVER
        outage.ended_at = end_of(last.ended) if last.ended is not None else outage.ended_at
    # One that is open and whose stretch has ended is closed like any other.
    outage.retracted_at = None


def _told_of(rejected: Rejected) -> str:
    """What the public reads.

    >>> _told_of(Rejected(2140, True)), _told_of(Rejected(1, False))
    ('2,140 reports removed: automated', '1 report removed by a moderator')
    """
    word = "report" if rejected.count == 1 else "reports"
    how = ": automated" if rejected.is_automated else " by a moderator"
    return f"{rejected.count:,} {word} removed{how}"
