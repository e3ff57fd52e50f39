"""The replayed effect: the outages that one Service's last month would have had at another step.

Its counts and those of what it depends on are handed to two detectors, one at the present
sensitivity and one at the proposed. They have learnt the month before that together. Neither hears
of moderators' acts; declarations, networks and the vendor's word count as they did.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q

from aggregator import sensitivities
from aggregator.clock import minute_of
from aggregator.detection import Counts, Engine, Move, Sensitivities, Sensitivity
from aggregator.evidence import StoredEvidence
from aggregator.minutes import read_minutes
from aggregator.models import EvaluationMark, MinuteCount, ReplayedEffect
from aggregator.replay import Record, gather
from aggregator.replay_files import instant, to_minute
from aggregator.topology import Plan, around, read
from reports.models import Service
from reports.trail import Doing

log = structlog.get_logger(__name__)

DAY = 1440
SHOWN_DAYS = 30
LEARNT_DAYS = 30
# Longer than a task may take: who has let it lapse is dead.
LEASE = timedelta(minutes=15)
KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Told:
    """What would have been told at one step: Outages, those confirmed, and minutes in outage."""

    outages: int
    confirmed: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Effect:
    """Both steps side by side.

    Attributes:
        since: first minute looked at, ISO 8601 UTC.
        until: the end of the last one.
        present: at what holds now.
        proposed: at the other step.
        gone: Outages that would not have been told, as `Record`s.
        new: Outages that would have been told beside them.
    """

    since: str
    until: str
    present: Told
    proposed: Told
    gone: list[Record]
    new: list[Record]


def ask(service: Service, value: str, doing: Doing) -> ReplayedEffect:
    """Have the effect of a step replayed in the background; drop what was asked for long ago.

    Args:
        service: which.
        value: `low`, `normal` or `high`, or "" to follow the site.
        doing: who and when.

    Raises:
        ValueError: for another value.
    """
    if value:
        Sensitivity(value)
    with transaction.atomic():
        ReplayedEffect.objects.filter(asked_at__lt=doing.now - KEPT).delete()
        return ReplayedEffect.objects.create(
            service=service, value=value, by=doing.by, asked_at=doing.now
        )


def work(now: datetime) -> bool:
    """Replay what is due, the oldest; whether there was anything.

    It takes some tens of seconds for a Service of many places. Progress and result are written
    outside any long transaction.
    """
    effect = _lease(now)
    if effect is None:
        return False
    mine = ReplayedEffect.objects.filter(pk=effect.pk)

    def tell(percent: int) -> None:
        mine.update(percent=percent)

    found = replayed(effect.service, effect.value, tell)
    mine.update(percent=100, result=asdict(found), leased_until=None)
    log.info("effect.replayed", service=effect.service.slug, value=effect.value)
    return True


def replayed(service: Service, value: str, tell: Callable[[int], None] = lambda _: None) -> Effect:
    """What a step would have done to a Service's last month.

    Args:
        service: which.
        value: the step, or "" to follow the site.
        tell: called with the share that is done, in percent.
    """
    plan = around(read(), service.slug)
    span = _span(plan)
    present = sensitivities.course().at(span[2])
    both = present, with_step(present, service.slug, value)
    told = _run(plan, span, both, tell)
    records = [[one for one in gather(moves) if one.service == service.slug] for moves in told]
    since, until = instant(span[1]), instant(span[2])
    now, then = ([one for one in all_ if _ended(one, until) > since] for all_ in records)
    return Effect(
        since=since,
        until=until,
        present=_sum(now, since, until),
        proposed=_sum(then, since, until),
        gone=[one for one in now if not any(_meet(one, other) for other in then)],
        new=[one for one in then if not any(_meet(one, other) for other in now)],
    )


def with_step(held: Sensitivities, slug: str, value: str) -> Sensitivities:
    """What would hold if a Service had another step."""
    others = {name: step for name, step in held.services.items() if name != slug}
    return Sensitivities(held.site, {**others, slug: Sensitivity(value)} if value else others)


def _lease(now: datetime) -> ReplayedEffect | None:
    """The oldest that nobody works on, leased."""
    with transaction.atomic():
        due = ReplayedEffect.objects.filter(
            Q(leased_until=None) | Q(leased_until__lt=now), result__isnull=True
        )
        effect = (
            due.select_for_update(skip_locked=True, of=("self",))
            .select_related("service")
            .order_by("asked_at", "pk")
            .first()
        )
        if effect is not None:
            effect.leased_until = now + LEASE
            effect.save(update_fields=["leased_until"])
        return effect


def _span(plan: Plan) -> tuple[int, int, int]:
    """Where learning begins, where the month begins, and its end, in minutes since 1970."""
    mark = EvaluationMark.objects.first()
    keys = list(plan.service_index)
    until = minute_of(mark.evaluated_until) if mark else 0
    since = until - SHOWN_DAYS * DAY
    counted = MinuteCount.objects.filter(service__in=keys).order_by("start")
    first = counted.values_list("start", flat=True).first()
    begin = until if first is None else minute_of(first)
    begin = min(max(begin, since - LEARNT_DAYS * DAY), until)
    return begin, max(begin, since), until


def _run(
    plan: Plan,
    span: tuple[int, int, int],
    both: tuple[Sensitivities, Sensitivities],
    tell: Callable[[int], None],
) -> tuple[list[Move], list[Move]]:
    """The moves at each of two settings; they share what was before the month."""
    begin, since, until = span
    one = Engine(plan.topology)
    one.tune(both[0])
    shared: list[Move] = []
    told: list[tuple[Engine, list[Move]]] = [(one, shared)]
    for minute, counts, intake in _minutes(plan, begin, until, tell):
        if minute == since:
            told = [(one, list(shared)), (_twin(one, both[1]), list(shared))]
        evidence = StoredEvidence(plan, minute)
        for engine, moves in told:
            moves.extend(engine.advance(minute, counts, intake=intake, evidence=evidence).moves)
    return told[0][1], told[-1][1]


def _minutes(
    plan: Plan, begin: int, until: int, tell: Callable[[int], None]
) -> Iterator[tuple[int, Counts, bool | None]]:
    """Each minute with its counts and whether Reports could come in, read by the day."""
    for first in range(begin, until, DAY):
        stop = min(first + DAY, until)
        batch = read_minutes(plan, first, stop, is_part=True)
        for minute in range(first, stop):
            yield minute, batch.counts(minute), batch.intake(minute)
        tell(100 * (stop - begin) // (until - begin))


def _twin(engine: Engine, other: Sensitivities) -> Engine:
    """An Engine in the same state that goes on at other sensitivities."""
    if engine.minute is None:
        twin = Engine(engine.topology)
    else:
        twin = Engine.restore(engine.checkpoint(), engine.topology)
    twin.tune(other)
    return twin


def _ended(record: Record, until: str) -> str:
    return record.ended_at or until


def _meet(one: Record, other: Record) -> bool:
    """Whether two Outages overlap in time."""
    last = "9999"
    return one.started_at < (other.ended_at or last) and other.started_at < (one.ended_at or last)


def _sum(records: list[Record], since: str, until: str) -> Told:
    minutes = sum(
        to_minute(_ended(one, until)) - to_minute(max(one.started_at, since)) for one in records
    )
    return Told(len(records), sum(one.confirmed_at is not None for one in records), minutes)


def outages_of(effect: ReplayedEffect, name: str) -> Iterator[Record]:
    """The Outages under `gone` or `new` of a result."""
    for found in (effect.result or {}).get(name, []):
        yield Record(**{**found, "regions": tuple(found["regions"])})
