"""The detector's moves, written down."""

from dataclasses import asdict
from datetime import datetime

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef

from aggregator.clock import end_of, start_of
from aggregator.detection import Move, Reason
from aggregator.detection import State as Stage
from aggregator.models import Outage, OutageEvent
from aggregator.models.outage import NOT_OVER, EventKind, State
from aggregator.outages.writing import append, locked
from reports.models import Service

log = structlog.get_logger(__name__)


@transaction.atomic
def apply(move: Move) -> OutageEvent | None:
    """Write one move of the detector.

    A cause that is found or changes is noted, and told by `explain`.

    Returns:
        Its event; None when only the cause changed, or when a moderator ended the Outage that it
        belongs to.
    """
    service = Service.objects.get(slug=move.service)
    outage = _subject(service, move)
    if outage is None:
        log.warning("outage.move_ignored", service=move.service, to_state=move.to_state)
        return None
    from_state = outage.state
    at = end_of(move.minute)
    _take_figures(outage, move, at)
    kind = _kind(from_state, State(outage.state))
    if kind == EventKind.OPENED:
        outage.started_at = start_of(move.started)
    if kind == EventKind.OPENED or move.peak_count >= outage.peak_count:
        outage.peak_count, outage.expected_at_peak = move.peak_count, move.expected_at_peak
    outage.save()
    if move.reason is Reason.CAUSE:
        log.info("outage.cause_found", service=move.service, outage=outage.pk, cause=move.cause)
        return None
    numbers = {"rule": move.reason, **asdict(move.numbers)}
    log.info("outage.moved", service=move.service, outage=outage.pk, kind=kind, rule=move.reason)
    return append(outage, kind, from_state, at=at, numbers=numbers)


def follow(standing: Move) -> None:
    """Keep the peak of an open Outage true between its moves; no event, nobody is told.

    Args:
        standing: how it stands now, as `Engine.standing` says.
    """
    Outage.objects.filter(
        service__slug=standing.service,
        state__in=NOT_OVER,
        peak_count__lt=standing.peak_count,
    ).update(peak_count=standing.peak_count, expected_at_peak=standing.expected_at_peak)


@transaction.atomic
def explain(at: datetime) -> list[OutageEvent]:
    """Tell which possible Outages are probably an effect of another Service's confirmed one.

    Once an Outage, however often its cause changes.

    Args:
        at: the end of the last Minute looked at, aware.
    """
    found = Outage.objects.filter(state=State.POSSIBLE, cause__outages__state=State.CONFIRMED)
    told = OutageEvent.objects.filter(outage=OuterRef("pk"), kind=EventKind.AFFECTED)
    rows = found.filter(~Exists(told)).select_for_update(of=("self",)).order_by("pk")
    events = []
    for outage in rows.select_related("service"):
        log.info("outage.explained", service=outage.service.slug, outage=outage.pk)
        numbers = {"rule": str(Reason.CAUSE)}
        events.append(append(outage, EventKind.AFFECTED, outage.state, at=at, numbers=numbers))
    return events


@transaction.atomic
def close(outage_id: int, *, reason: str, now: datetime) -> OutageEvent:
    """End an Outage that corrected counts no longer bear out.

    Raises:
        NotPossibleError: when it has ended already.
    """
    outage = locked(outage_id, set(NOT_OVER))
    from_state = outage.state
    outage.state, outage.ended_at = State.OVER, now
    outage.save()
    return append(outage, EventKind.CLOSED, from_state, at=now, reason=reason)


def _subject(service: Service, move: Move) -> Outage | None:
    """The Outage a move is about: the open one, the one it re-opens, or a new one."""
    outages = Outage.objects.select_for_update().filter(service=service)
    if open_one := outages.filter(state__in=NOT_OVER).first():
        return open_one
    last = outages.order_by("-ended_at", "pk").first()
    if last and _is_silenced(last, start_of(move.started)):
        return None
    if move.from_state == Stage.OVER and last and last.state == State.OVER:
        return last
    if move.to_state == Stage.OVER:
        return None
    return Outage(service=service, state="", detected_at=end_of(move.minute))


def _is_silenced(last: Outage, started: datetime) -> bool:
    """Whether a person retracted the episode that a move is about."""
    if last.retracted_at is None or last.retracted_at < started:
        return False
    return last.events.filter(kind=EventKind.RETRACTED, entry__isnull=False).exists()


def _kind(from_state: str, to_state: State) -> EventKind:
    """What a move is called.

    >>> str(_kind("", State.CONFIRMED)), str(_kind("over", State.POSSIBLE))
    ('opened', 'reopened')
    >>> str(_kind("possible", State.POSSIBLE)), str(_kind("confirmed", State.OVER))
    ('scope', 'closed')
    """
    if not from_state:
        return EventKind.OPENED
    if from_state == State.OVER:
        return EventKind.REOPENED
    if to_state == State.OVER:
        return EventKind.CLOSED
    if from_state == to_state:
        return EventKind.SCOPE
    return EventKind.CONFIRMED


def _take_figures(outage: Outage, move: Move, at: datetime) -> None:
    if (outage.state, move.to_state) != (State.CONFIRMED, Stage.POSSIBLE):
        # What a person knows is not less certain because the detector begins to see it.
        outage.state = State(move.to_state)
    outage.is_by_hand = False
    outage.region_id = move.region
    outage.regions = list(move.regions)
    if outage.state == State.CONFIRMED and outage.confirmed_at is None:
        outage.confirmed_at = at
    outage.ended_at = at if outage.state == State.OVER else None
    if not outage.is_cause_set:
        outage.cause = Service.objects.get(slug=move.cause) if move.cause else None
