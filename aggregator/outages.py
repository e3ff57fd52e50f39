"""Outages: the only writer of Outage and OutageEvent.

Each verb writes the Outage, its OutageEvent and the Alerts of one move in one transaction. A move
that a moderator made pointless meanwhile changes nothing: the person wins.
"""

from dataclasses import asdict, dataclass
from datetime import datetime

import structlog
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, OuterRef

from aggregator import alerting
from aggregator.clock import end_of, start_of
from aggregator.detection import Move, Reason
from aggregator.detection import State as Stage
from aggregator.models import Outage, OutageEvent
from aggregator.models.outage import NOT_OVER, EventKind, State
from reports.models import ModerationEntry, Service
from reports.models.moderation import Act

log = structlog.get_logger(__name__)


class NotPossibleError(Exception):
    """The Outage is no longer in a state that allows this act."""


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
    kind = _kind(from_state, State(move.to_state))
    at = end_of(move.minute)
    _take_figures(outage, move, at)
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
    return _append(outage, kind, from_state, at=at, numbers=numbers)


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
        events.append(_append(outage, EventKind.AFFECTED, outage.state, at=at, numbers=numbers))
    return events


@transaction.atomic
def confirm(outage_id: int, *, by: User, reason: str, now: datetime) -> OutageEvent:
    """A moderator confirms a possible Outage.

    Raises:
        NotPossibleError: when it is not `possible`.
    """
    outage = _locked(outage_id, {State.POSSIBLE})
    outage.state, outage.confirmed_at = State.CONFIRMED, now
    outage.save()
    act = Moderated(Act.CONFIRM, by, reason)
    return _moderate(outage, EventKind.CONFIRMED, State.POSSIBLE, act=act, now=now)


@transaction.atomic
def retract(outage_id: int, *, by: User, reason: str, now: datetime) -> OutageEvent:
    """A moderator declares that an Outage never was; its subscribers are told.

    Raises:
        NotPossibleError: when it is retracted already.
    """
    outage = _locked(outage_id, {State.POSSIBLE, State.CONFIRMED, State.OVER})
    from_state = outage.state
    outage.state, outage.retracted_at = State.RETRACTED, now
    outage.ended_at = outage.ended_at or now
    outage.save()
    act = Moderated(Act.RETRACT, by, reason)
    return _moderate(outage, EventKind.RETRACTED, from_state, act=act, now=now)


@transaction.atomic
def close(outage_id: int, *, reason: str, now: datetime) -> OutageEvent:
    """End an Outage that corrected counts no longer bear out.

    Raises:
        NotPossibleError: when it has ended already.
    """
    outage = _locked(outage_id, set(NOT_OVER))
    from_state = outage.state
    outage.state, outage.ended_at = State.OVER, now
    outage.save()
    return _append(outage, EventKind.CLOSED, from_state, at=now, reason=reason)


@dataclass(frozen=True, slots=True)
class Moderated:
    """What a moderator did, and why."""

    act: Act
    by: User
    reason: str


def _subject(service: Service, move: Move) -> Outage | None:
    """The Outage a move is about: the open one, the one it re-opens, or a new one."""
    outages = Outage.objects.select_for_update().filter(service=service)
    if open_one := outages.filter(state__in=NOT_OVER).first():
        return open_one
    last = outages.order_by("-ended_at").first()
    if last and last.retracted_at and last.retracted_at >= start_of(move.started):
        return None
    if move.from_state == Stage.OVER and last and last.state == State.OVER:
        return last
    if move.to_state == Stage.OVER:
        return None
    return Outage(service=service, state="", detected_at=end_of(move.minute))


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
    outage.state = State(move.to_state)
    outage.region_id = move.region
    outage.regions = list(move.regions)
    if outage.state == State.CONFIRMED and outage.confirmed_at is None:
        outage.confirmed_at = at
    outage.ended_at = at if outage.state == State.OVER else None
    outage.cause = Service.objects.get(slug=move.cause) if move.cause else None


def _locked(outage_id: int, states: set[State]) -> Outage:
    outage = Outage.objects.select_for_update().get(pk=outage_id)
    if outage.state not in states:
        message = f"This outage is {outage.get_state_display()}."
        raise NotPossibleError(message)
    return outage


def _append(
    outage: Outage, kind: EventKind, from_state: str, *, at: datetime, **more: object
) -> OutageEvent:
    """Add the event of a move and the Alerts it causes."""
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


def _moderate(
    outage: Outage, kind: EventKind, from_state: str, *, act: Moderated, now: datetime
) -> OutageEvent:
    ModerationEntry.objects.create(
        act=act.act, at=now, by=act.by, reason=act.reason, subject=f"outage {outage.pk}: {outage}"
    )
    return _append(outage, kind, from_state, at=now, reason=act.reason)
