"""Bringing the Outages in line with a detector that was rebuilt from corrected counts."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from aggregator import corrections, outages
from aggregator.clock import minute_of
from aggregator.detection import Engine
from aggregator.models import Outage, OutageEvent
from aggregator.models.outage import NOT_OVER, State
from aggregator.retelling import Retelling
from reports.selectors import rejected


def settle(engine: Engine, retelling: Retelling, revision: int, now: datetime) -> None:
    """Retract, restore or correct what rests on corrected counts; end what nobody knows of.

    Must run in the transaction that moves the evaluation mark, before it is moved.

    Args:
        engine: the rebuilt detector, up to the mark.
        retelling: what it made of every Minute since the first that was corrected.
        revision: of the counts it was rebuilt from.
        now: the mark, aware.
    """
    standing = {move.service: move for move in engine.standing()}
    retelling.take(standing.values())
    for service, since in corrections.waiting(revision).items():
        for outage in _resting_on(service, since):
            _judge(outage, retelling, now)
    seen = Outage.objects.filter(state__in=NOT_OVER, is_by_hand=False)
    for outage in seen.select_related("service"):
        if outage.service.slug not in standing:
            # Its counts were corrected otherwise, or the parameters are others now.
            outages.close(outage.pk, reason="The counts do not bear it out.", now=now)
    corrections.done(revision)


def _resting_on(service: int, since: datetime) -> QuerySet[Outage]:
    """The Outages of a Service that counts from an instant on may have made, but for people's."""
    # Whoever moved one knows more of it than its counts.
    people = OutageEvent.objects.filter(outage=OuterRef("pk"), entry__isnull=False)
    return (
        Outage.objects.filter(Q(ended_at=None) | Q(ended_at__gt=since), ~Exists(people))
        .filter(service=service)
        .select_related("service")
        .order_by("pk")
    )


def _judge(outage: Outage, retelling: Retelling, now: datetime) -> None:
    last = None if outage.ended_at is None else minute_of(outage.ended_at)
    first = minute_of(outage.started_at)
    stretches = retelling.within(outage.service.slug, first, last)
    if stretches:
        outages.rectify(outage.pk, stretches, now)
    elif outage.state != State.RETRACTED:
        removed = rejected(outage.service_id, outage.started_at, outage.ended_at or now)
        if removed.count:
            outages.withdraw(outage.pk, removed, now)
