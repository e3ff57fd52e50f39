"""Rows that readers show, written as counting and evaluation would leave them."""

from datetime import UTC, datetime, timedelta

from django.db.models import F

from aggregator.models import (
    EvaluationMark,
    Expectation,
    HourCount,
    MinuteCount,
    Outage,
    OutageEvent,
    PlaceStatus,
    QuarterCount,
    ServiceStatus,
)
from aggregator.models.outage import EventKind, State
from aggregator.models.picture import Verdict
from aggregator.selectors.spans import Step, floor
from tests.factories import service

QUARTER = timedelta(minutes=15)


def make_count(
    slug: str, at: datetime, count: int, *, region: str = "", problem_type: str | None = None
) -> None:
    """Counted Reports more in the Minute, quarter-hour and hour of an instant."""
    reported = service(slug)
    kind = reported.problem_types.get(slug=problem_type) if problem_type else None
    where = {"service_id": reported.pk, "region_id": region, "problem_type_id": kind and kind.pk}
    _add(MinuteCount, where, floor(at, Step.MINUTE), count)
    _add(QuarterCount, where, floor(at, Step.QUARTER), count)
    _add(HourCount, where, floor(at, Step.HOUR), count)


def make_old_count(slug: str, at: datetime, count: int, *, region: str = "") -> None:
    """Counted Reports more in the quarter-hour and hour of an instant whose Minutes are gone."""
    where = {"service_id": service(slug).pk, "region_id": region, "problem_type_id": None}
    _add(QuarterCount, where, floor(at, Step.QUARTER), count)
    _add(HourCount, where, floor(at, Step.HOUR), count)


def make_status(
    slug: str,
    verdict: Verdict = Verdict.OK,
    *,
    observed: int = 3,
    outage: Outage | None = None,
    at: datetime | None = None,
) -> ServiceStatus:
    """What is known of a Service now: usual are 2 to 9 Reports, 4 expected."""
    return ServiceStatus.objects.create(
        service=service(slug),
        verdict=verdict,
        outage=outage,
        at=at or datetime.now(UTC),
        observed=observed,
        expected=4.0,
        low=2.0,
        high=9.0,
        last_hour=3 * observed,
    )


def make_mark(at: datetime | None = None) -> EvaluationMark:
    """How far evaluation has come."""
    return EvaluationMark.objects.create(evaluated_until=at or datetime.now(UTC))


def make_place(
    slug: str,
    region: str,
    observed: int,
    *,
    expected: float | None = 1.0,
    recent: tuple[int, float] | None = None,
) -> PlaceStatus:
    """What is known of a Service in a Region now.

    `recent`: Reports of the last 15 minutes and those expected, of a very large Service.
    """
    last, usual = recent or (None, None)
    return PlaceStatus.objects.create(
        service=service(slug),
        region_id=region,
        at=datetime.now(UTC),
        observed=observed,
        expected=expected,
        recent=last,
        recent_expected=usual,
    )


def make_expectation(slug: str, start: datetime, *, expected: float = 4.0) -> None:
    """What was expected of a Service in one quarter-hour: half to double is usual."""
    Expectation.objects.create(
        service=service(slug),
        start=start,
        expected=expected,
        low=expected / 2,
        high=expected * 2,
    )


def make_outage(
    slug: str,
    started_at: datetime,
    *,
    regions: list[str] | None = None,
    state: State = State.CONFIRMED,
    minutes: int = 60,
) -> Outage:
    """An Outage with the moves that led to its state; one that is over lasted so many minutes.

    The first of its `regions` holds all others.
    """
    scope = regions or [""]
    region = scope[0]
    ended = started_at + timedelta(minutes=minutes) if state in {"over", "retracted"} else None
    outage = Outage.objects.create(
        service=service(slug),
        state=state,
        region_id=region,
        regions=scope,
        started_at=started_at,
        detected_at=started_at + timedelta(minutes=4),
        confirmed_at=started_at + timedelta(minutes=9),
        ended_at=ended,
        retracted_at=ended if state == State.RETRACTED else None,
        peak_count=120,
        expected_at_peak=4.25,
    )
    _move(outage, EventKind.OPENED, State.POSSIBLE, outage.detected_at)
    _move(outage, EventKind.CONFIRMED, State.CONFIRMED, started_at + timedelta(minutes=9))
    if ended:
        kind = EventKind.RETRACTED if state == State.RETRACTED else EventKind.CLOSED
        _move(outage, kind, state, ended)
    return outage


def _move(outage: Outage, kind: EventKind, state: State, at: datetime) -> None:
    OutageEvent.objects.create(
        outage=outage,
        kind=kind,
        from_state="" if kind == EventKind.OPENED else State.POSSIBLE,
        to_state=state,
        at=at,
        region=outage.region,
        regions=outage.regions,
        numbers={
            "window": 15,
            "observed": 60,
            "expected": 4.25,
            "low": 2.0,
            "high": 9.0,
            "z": 11.5,
        },
    )


def _add(
    table: type[MinuteCount | QuarterCount | HourCount],
    where: dict[str, object],
    start: datetime,
    count: int,
) -> None:
    """Neither save() nor get_or_create(): the model's key is not the table's."""
    if not table.objects.filter(**where, start=start).update(count=F("count") + count):
        table.objects.bulk_create([table(**where, start=start, count=count)])  # type: ignore[list-item]  # of one class
