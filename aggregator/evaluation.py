"""Evaluation: hand every finished Minute to the detector once, and write down what moved.

The detector's memory lives in the worker process. It is rebuilt at any time from the last
checkpoint and the counts since, so a crash, another worker or a correction of old counts costs
only time. The mark, the moves and the picture of a batch of Minutes are one transaction.
"""

from dataclasses import dataclass, field
from datetime import datetime

import structlog
from django.db import transaction

from aggregator import checkpoints, corrections, outages, picture, sensitivities, settling
from aggregator.clock import minute_of, start_of
from aggregator.detection import Engine, Move, Parameters, State, Step
from aggregator.evidence import StoredEvidence
from aggregator.minutes import Minutes, first_minute, read_minutes
from aggregator.models import CountingMark, EvaluationMark, OutageEvent
from aggregator.models.outage import EventKind
from aggregator.retelling import Retelling
from aggregator.topology import Plan
from aggregator.topology import read as read_plan
from reports import moderation_jobs

log = structlog.get_logger(__name__)

# Minutes of one transaction: a day's backlog takes a handful of them.
BATCH_MINUTES = 360


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """How many Minutes were evaluated, how many moves they made, and up to when."""

    minutes: int
    moves: int
    evaluated_until: datetime


@dataclass(slots=True)
class Memory:
    """A detector that knows every Minute before `until`, of counts in this `revision`.

    Until the Outages are brought in line with a new one, it keeps what it made of its Minutes.
    """

    engine: Engine
    plan: Plan
    revision: int
    until: int
    is_new: bool = True
    is_corrected: bool = False
    retelling: Retelling = field(default_factory=Retelling)
    drawn: picture.Drawn = field(default_factory=picture.Drawn)


class _Process:
    """This process' memory; None until it first evaluates, and after anything went wrong."""

    memory: Memory | None = None


def forget() -> None:
    """Drop this process' memory; the next evaluation rebuilds it from the database."""
    _Process.memory = None


def evaluate(now: datetime) -> EvaluationResult | None:
    """Evaluate every Minute that counting has finished, oldest first.

    Opens one transaction for each batch. Any number of workers may call it at once.

    Args:
        now: the instant of this operation, aware.

    Returns:
        None when another worker is evaluating, or when nothing was ever counted.
    """
    total = EvaluationResult(0, 0, now)
    while (batch := _next_batch()) is not None:
        total = EvaluationResult(
            total.minutes + batch.minutes, total.moves + batch.moves, batch.evaluated_until
        )
        if batch.minutes < BATCH_MINUTES:
            return total
    return total if total.minutes else None


def _next_batch() -> EvaluationResult | None:
    """Evaluate what is due. Most ticks find that no Minute is, and read two rows to see it."""
    counting, mark = CountingMark.objects.first(), _mark()
    if counting is None or mark is None:
        return None
    if minute_of(counting.counted_until) <= minute_of(mark.evaluated_until):
        return EvaluationResult(0, 0, mark.evaluated_until)
    try:
        _prepare(minute_of(mark.evaluated_until), counting.revision)
        return _evaluate_batch()
    except BaseException:
        # The engine may be ahead of what was written down; begin again from the database.
        forget()
        raise


def _mark() -> EvaluationMark | None:
    """The mark, made at the first Minute that was ever counted or watched; None before it."""
    mark = EvaluationMark.objects.first()
    if mark is None and (start := first_minute()) is not None:
        mark, _ = EvaluationMark.objects.get_or_create(pk=1, defaults={"evaluated_until": start})
    return mark


def _prepare(until: int, revision: int) -> None:
    """Bring this process' memory up to the mark, outside any transaction.

    After a change of parameters that takes a while: what was done is kept as checkpoints.
    """
    plan = read_plan()
    memory = _Process.memory
    if memory is None or memory.until > until or memory.revision != revision:
        corrected = [minute_of(since) for since in corrections.waiting(revision).values()]
        memory = _Process.memory = _restored(plan, min([until, *corrected]), revision)
        memory.is_corrected = bool(corrected)
        memory.retelling.take(memory.engine.standing())
    if plan.topology != memory.plan.topology:
        memory.engine.grow(plan.topology)
        memory.plan = plan
    _advance(memory, until, write=False)


def _restored(plan: Plan, until: int, revision: int) -> Memory:
    """A memory from the last checkpoint, or an empty one at the first count that is kept."""
    parameters = Parameters()
    saved = checkpoints.restore(plan.topology, parameters, until)
    if saved is not None:
        engine, known_until = saved
        return Memory(engine, plan, revision, known_until)
    begin = first_minute()
    start = until if begin is None else min(until, minute_of(begin))
    return Memory(Engine(plan.topology, parameters), plan, revision, start)


@transaction.atomic
def _evaluate_batch() -> EvaluationResult | None:
    mark = EvaluationMark.objects.select_for_update(skip_locked=True).first()
    memory = _Process.memory
    counting = CountingMark.objects.get()
    if mark is None or memory is None or memory.revision != counting.revision:
        return None
    first = minute_of(mark.evaluated_until)
    # Somebody else may have evaluated between our look at the mark and our lock.
    _advance(memory, first, write=False)
    last = min(minute_of(counting.counted_until), first + BATCH_MINUTES)
    if last <= first or memory.until != first:
        return EvaluationResult(0, 0, mark.evaluated_until)
    # What is left of the Reports is known when no moderator's job is half-way through them.
    if memory.is_new and not moderation_jobs.is_busy():
        settling.settle(memory.engine, memory.retelling, memory.revision, mark.evaluated_until)
        memory.is_new, memory.retelling = False, Retelling()
    moves = _advance(memory, last, write=True)
    for standing in memory.engine.standing():
        outages.follow(standing)
    outages.explain(start_of(last))
    picture.draw(memory.engine, memory.plan, memory.drawn, mark, start_of(last))
    mark.evaluated_until = start_of(last)
    mark.save()
    log.info("minutes.evaluated", until=mark.evaluated_until.isoformat(), moves=moves)
    return EvaluationResult(last - first, moves, mark.evaluated_until)


def _advance(memory: Memory, until: int, *, write: bool) -> int:
    """Take the Minutes before `until`; with `write`, write down what they did.

    Returns:
        The number of moves written.
    """
    moves = 0
    while memory.until < until:
        stop = min(until, memory.until + BATCH_MINUTES)
        batch = read_minutes(memory.plan, memory.until, stop)
        acts = _acts_of_moderators(memory.until, stop)
        course = sensitivities.course()
        for minute in range(memory.until, stop):
            memory.engine.tune(course.at(minute))
            step = _advance_one(memory, batch, minute, acts.get(minute, []))
            memory.until = minute + 1
            checkpoints.save_if_due(memory.engine, memory.until)
            if write:
                moves += _write_down(step)
            is_quarter = memory.until % picture.QUARTER_MINUTES == 0
            if is_quarter and (write or memory.is_corrected):
                picture.expect(memory.engine, memory.plan, start_of(memory.until))
    return moves


def _write_down(step: Step) -> int:
    for move in step.moves:
        outages.apply(move)
    return len(step.moves)


def _advance_one(memory: Memory, batch: Minutes, minute: int, acts: list[OutageEvent]) -> Step:
    engine = memory.engine
    decided = [_tell(engine, act, minute) for act in acts]
    evidence = StoredEvidence(memory.plan, minute)
    intake = batch.intake(minute)
    step = engine.advance(minute, batch.counts(minute), intake=intake, evidence=evidence)
    if memory.is_new:
        memory.retelling.take([*filter(None, decided), *step.moves])
    return step


def _tell(engine: Engine, act: OutageEvent, minute: int) -> Move | None:
    """Tell the detector what a person decided; of what it has no notion, nothing."""
    slug = act.outage.service.slug
    match act.kind:
        case EventKind.CONFIRMED:
            return engine.confirm(slug, minute)
        case EventKind.CLOSED | EventKind.RETRACTED:
            return engine.close(slug, minute)
        case EventKind.CORRECTED:
            return engine.restate(slug, minute, State(act.to_state))
    return None


def _acts_of_moderators(first: int, stop: int) -> dict[int, list[OutageEvent]]:
    """What people decided, by the Minute in which the detector is told."""
    acts: dict[int, list[OutageEvent]] = {}
    events = (
        OutageEvent.objects.filter(at__gte=start_of(first), at__lt=start_of(stop))
        .exclude(entry=None)
        .select_related("outage__service")
    )
    for event in events.order_by("at", "pk"):
        acts.setdefault(minute_of(event.at), []).append(event)
    return acts
