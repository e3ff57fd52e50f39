"""What the detector would say of a Service now, if nobody had told it anything since."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from aggregator import sensitivities
from aggregator.clock import minute_of, start_of
from aggregator.detection import Engine, Parameters, State
from aggregator.evidence import StoredEvidence
from aggregator.minutes import read_minutes
from aggregator.models import EngineCheckpoint, EvaluationMark, Outage
from aggregator.topology import around, read

LONGEST = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What it would say.

    Attributes:
        at: the end of the last Minute it looked at.
        since: from where on it heard of no moderator.
        state: of the Outage it would have open; None for none.
        numbers: what it judges by now, by name (`Numbers`).
    """

    at: datetime
    since: datetime
    state: State | None
    numbers: dict[str, object]


def opine(outage: Outage) -> Opinion | None:
    """What the detector would say of an Outage's Service now; it writes nothing.

    It goes on from the last memory before the Outage began, or the oldest there is: at most three
    days of Minutes of this Service and what it depends on, a second or a few.

    Returns:
        None where nothing younger was kept: after a change of parameters all is learnt again.
    """
    mark = EvaluationMark.objects.first()
    plan = around(read(), outage.service.slug)
    if mark is None:
        return None
    kept = EngineCheckpoint.objects.filter(
        parameters=Parameters().version, at__gt=mark.evaluated_until - LONGEST
    ).order_by("-at")
    saved = kept.filter(at__lte=outage.started_at).first() or kept.last()
    if saved is None:
        return None
    try:
        engine = Engine.restore(bytes(saved.data), plan.topology)
    except ValueError:
        # Of another version of the program.
        return None
    course = sensitivities.course()
    first, until = minute_of(saved.at), minute_of(mark.evaluated_until)
    batch = read_minutes(plan, first, until, is_part=True)
    for minute in range(first, until):
        engine.tune(course.at(minute))
        evidence = StoredEvidence(plan, minute)
        engine.advance(minute, batch.counts(minute), intake=batch.intake(minute), evidence=evidence)
    slug = outage.service.slug
    open_now = [move.to_state for move in engine.standing() if move.service == slug]
    return Opinion(
        at=start_of(until),
        since=saved.at,
        state=open_now[0] if open_now else None,
        numbers=asdict(engine.weigh(slug)),
    )
