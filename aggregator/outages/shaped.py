"""Telling Outages apart: two that are one, and one that is two."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models import Sum

from aggregator import picture
from aggregator.models import HourCount, Outage, OutageEvent, OutageNote, QuarterCount
from aggregator.models.outage import NOT_OVER, EventKind, State
from aggregator.outages import memento
from aggregator.outages.decided import named
from aggregator.outages.writing import NotPossibleError, append, decided_at, locked, set_scope
from reports import geography, trail
from reports.models import ModerationEntry
from reports.models.moderation import Act
from reports.trail import Doing

QUARTER = timedelta(minutes=15)
# From so much history a place's share of what is usual is taken.
HISTORY = timedelta(days=28)


@transaction.atomic
def join(one_id: int, other_id: int, doing: Doing) -> OutageEvent:
    """Make two Outages of one Service one: the later becomes a part of the earlier.

    Its moves and notes go over, and its address leads there.

    Raises:
        NotPossibleError: when they are of two Services, the same one, or one is retracted.
    """
    doing = replace(doing, now=decided_at(doing.now))
    rows = [locked(key, {*NOT_OVER, State.OVER}) for key in sorted({one_id, other_id})]
    if len(rows) == 1 or rows[0].service_id != rows[1].service_id:
        message = "Choose two outages of the same service."
        raise NotPossibleError(message)
    kept, part = sorted(rows, key=lambda row: (row.started_at, row.pk))
    pairs = [(row, memento.snapshot(row)) for row in (part, kept)]
    from_state = kept.state
    _take_over(kept, part)
    part.state, part.joined_into = State.OVER, kept
    part.ended_at = part.ended_at or doing.now
    # In this order, so that never two of them are open.
    part.save()
    kept.save()
    before = {**memento.changes(pairs), **_give(part, kept), "from": part.pk}
    entry = trail.write(Act.JOIN, f"{named(kept)}, and {part.pk}", doing, before=before)
    picture.show(kept.service_id, doing.now)
    return _mark(kept, EventKind.JOINED, from_state, entry)


@transaction.atomic
def split(outage_id: int, regions: Collection[str], doing: Doing) -> OutageEvent:
    """Make what happened in some Regions an Outage of its own; gives the event that begins it.

    Raises:
        NotPossibleError: when it is not over (a Service has one open Outage at most), or these
            Regions are not a part of its scope.
    """
    doing = replace(doing, now=decided_at(doing.now))
    outage = locked(outage_id, {State.OVER})
    is_worldwide = not outage.region_id and not any(outage.regions)
    rest = [code for code in outage.regions if code not in regions]
    if not all(regions) or not regions or not (rest or is_worldwide):
        message = "Choose some of its places, not all."
        raise NotPossibleError(message)
    if not is_worldwide and not set(regions) <= set(outage.regions):
        message = "Choose places that it names."
        raise NotPossibleError(message)
    before = memento.snapshot(outage)
    own = _part_of(outage, regions)
    if not is_worldwide:
        figures = _figures(outage, rest)
        set_scope(outage, rest)
        outage.peak_count, outage.expected_at_peak = figures
    outage.save()
    # Undone, it is a part of the one it came from again.
    pairs: list[tuple[Outage, memento.Kept]] = [
        (outage, before),
        (own, {"joined_into_id": outage.pk}),
    ]
    kept = {**memento.changes(pairs), "to": outage.pk}
    entry = trail.write(Act.SPLIT, f"{named(outage)}, into {own.pk}", doing, before=kept)
    _mark(outage, EventKind.SPLIT, outage.state, entry)
    return _mark(own, EventKind.SPLIT, "", entry)


def _mark(outage: Outage, kind: EventKind, from_state: str, entry: ModerationEntry) -> OutageEvent:
    return append(outage, kind, from_state, at=entry.at, reason=entry.reason, entry=entry)


def _take_over(kept: Outage, part: Outage) -> None:
    """Give the earlier of two all that the later has more."""
    if part.state in NOT_OVER:
        kept.state, kept.ended_at, kept.is_by_hand = part.state, None, part.is_by_hand
    elif kept.ended_at and part.ended_at:
        kept.ended_at = max(kept.ended_at, part.ended_at)
    confirmed = [row.confirmed_at for row in (kept, part) if row.confirmed_at]
    kept.confirmed_at = min(confirmed, default=None)
    if part.peak_count > kept.peak_count:
        kept.peak_count, kept.expected_at_peak = part.peak_count, part.expected_at_peak
    set_scope(kept, (*kept.regions, *part.regions))
    kept.cause_id = kept.cause_id or part.cause_id


def _give(part: Outage, kept: Outage) -> dict[str, list[int]]:
    """Move a part's moves and notes over; gives which, for whoever undoes it."""
    events = part.events.all()
    if kept.events.filter(kind=EventKind.AFFECTED).exists():
        # It is told once an Outage.
        events = events.exclude(kind=EventKind.AFFECTED)
    moved = {
        "events": list(events.values_list("pk", flat=True)),
        "notes": list(part.notes.values_list("pk", flat=True)),
    }
    hand_over(moved, kept.pk)
    return moved


def hand_over(moved: Mapping[str, Sequence[int]], outage_id: int) -> None:
    """Give events and notes to an Outage. Must run in the act's transaction."""
    OutageEvent.objects.filter(pk__in=moved["events"]).update(outage=outage_id)
    OutageNote.objects.filter(pk__in=moved["notes"]).update(outage=outage_id)


def _part_of(outage: Outage, regions: Collection[str]) -> Outage:
    """A new Outage: what happened in some Regions."""
    own = Outage(service_id=outage.service_id, detected_at=outage.detected_at)
    memento.bring_back(own, memento.snapshot(outage))
    set_scope(own, regions)
    own.peak_count, own.expected_at_peak = _figures(outage, own.regions)
    own.save()
    return own


def _figures(outage: Outage, regions: Collection[str]) -> tuple[int, float]:
    """Reports of the highest quarter-hour in some Regions, and how many of them were usual.

    The usual is the Regions' share of four weeks' Reports in the scope.
    """
    until = outage.ended_at or outage.detected_at
    quarters = QuarterCount.objects.filter(
        service=outage.service_id,
        start__gt=outage.started_at - QUARTER,
        start__lt=until,
        region__in=_below(regions),
    )
    peaks = quarters.values("start").annotate(reports=Sum("count")).order_by("-reports")
    peak = peaks.first()
    hours = HourCount.objects.filter(
        service=outage.service_id,
        start__gte=outage.started_at - HISTORY,
        start__lt=outage.started_at,
    )
    whole = hours.filter(region__in=_below(outage.regions)) if outage.region_id else hours
    total = whole.aggregate(reports=Sum("count"))["reports"] or 0
    here = hours.filter(region__in=_below(regions)).aggregate(reports=Sum("count"))["reports"] or 0
    share = here / total if total else 0.0
    return (peak["reports"] if peak else 0), round(outage.expected_at_peak * share, 3)


def _below(regions: Collection[str]) -> list[str]:
    return [code for region in regions for code in (region, *geography.descendants(region))]
