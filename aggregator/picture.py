"""The picture that evaluation leaves for readers: one row a Service, one a Service and Region.

Pages and the API show these rows as they are, so what a reader costs depends neither on the
number of Reports nor on the detector.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
from django.db import connection

from aggregator.detection import Engine, State, Survey
from aggregator.levels import SHORT_MINUTES, window
from aggregator.models import EvaluationMark, Expectation, Outage, PlaceStatus, ServiceStatus
from aggregator.models.outage import NOT_OVER
from aggregator.models.picture import Verdict
from aggregator.topology import Plan

QUARTER_MINUTES = 15
EXPECTATIONS_KEPT = timedelta(days=35)
VERDICTS = {State.POSSIBLE: Verdict.POSSIBLE, State.CONFIRMED: Verdict.MAJOR}

UPSERT_SERVICES = """
INSERT INTO aggregator_servicestatus
    (service_id, verdict, outage_id, at, observed, expected, low, high, last_hour)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[], %s::int[],
    %s::float8[], %s::float8[], %s::float8[], %s::int[])
ON CONFLICT (service_id) DO UPDATE SET verdict = excluded.verdict,
    outage_id = excluded.outage_id, at = excluded.at, observed = excluded.observed,
    expected = excluded.expected, low = excluded.low, high = excluded.high,
    last_hour = excluded.last_hour
"""
UPSERT_PLACES = """
INSERT INTO aggregator_placestatus
    (service_id, region_id, at, observed, expected, recent, recent_expected)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::int[], %s::float8[],
    %s::int[], %s::float8[])
ON CONFLICT (service_id, region_id) DO UPDATE SET at = excluded.at,
    observed = excluded.observed, expected = excluded.expected,
    recent = excluded.recent, recent_expected = excluded.recent_expected
"""
DELETE_PLACES = """
DELETE FROM aggregator_placestatus AS place USING unnest(%s::bigint[], %s::text[])
    AS gone (service_id, region_id)
WHERE place.service_id = gone.service_id AND place.region_id = gone.region_id
"""

# A place's key: its Service's key shifted, and its Region's index in the plan.
REGION_BITS = 24
# A figure that a place has not.
NONE = -1

Ints = npt.NDArray[np.int64]


@dataclass(slots=True)
class Drawn:
    """What this process knows to stand in PlaceStatus; only true if nobody has drawn since `at`.

    Attributes:
        at: the end of the last Minute it drew.
        places: keys, ascending.
        figures: four a place: Reports of the last hour and tenths of Reports expected in it, and
            the same of the last quarter-hour, or twice `NONE`.
    """

    at: datetime | None = None
    places: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    figures: Ints = field(default_factory=lambda: np.zeros((0, 4), np.int64))


def draw(engine: Engine, plan: Plan, drawn: Drawn, mark: EvaluationMark, at: datetime) -> None:
    """Write how every Service that has Reports or an open Outage looks at an instant.

    Must run inside the transaction that moves the evaluation mark, before it is moved.

    Args:
        engine: the detector, having taken every Minute before `at`.
        plan: the way from its names to the tables' keys.
        drawn: what this process drew last; brought up to date.
        mark: the locked mark: whoever drew last left it there.
        at: the end of the last Minute it took, aware.
    """
    seen = engine.survey()
    keys = _service_keys(plan)
    rows = Outage.objects.filter(state__in=NOT_OVER).values_list("service_id", "pk", "state")
    standing = {service: (pk, State(state)) for service, pk, state in rows}
    _write_services(seen, keys, standing, at)
    if drawn.at != mark.evaluated_until:
        _read_places(drawn, plan)
    _write_places(seen, keys, plan, drawn, at)
    drawn_now = set(keys[seen.services].tolist())
    _quieten([*drawn_now, *standing], at)
    for service in standing.keys() - drawn_now:
        # A person opened it where nobody reports.
        show(service, at)


def show(service: int, at: datetime) -> None:
    """Have a Service's row say at once what a person decided; the next Minute draws the rest.

    Args:
        service: its key.
        at: the instant of the act, aware.
    """
    found = Outage.objects.filter(service=service, state__in=NOT_OVER).first()
    row = ServiceStatus.objects.filter(service=service)
    if found is None:
        row.filter(verdict__in=VERDICTS.values()).update(verdict=Verdict.OK, outage=None)
        row.update(outage=None)
        return
    told = {"verdict": VERDICTS[State(found.state)], "outage": found}
    nothing = {"at": at, "observed": 0, "expected": 0.0, "low": 0.0, "high": 0.0}
    ServiceStatus.objects.update_or_create(
        service_id=service, defaults=told, create_defaults={**nothing, **told}
    )


def expect(engine: Engine, plan: Plan, end: datetime) -> None:
    """Write what was expected of each Service, worldwide, in the quarter-hour that just ended.

    Args:
        engine: the detector, having taken every Minute before `end`.
        plan: the way from its names to the tables' keys.
        end: the end of the quarter, aware; on the quarter-hour.
    """
    seen, keys = engine.survey(), _service_keys(plan)
    start = end - timedelta(minutes=QUARTER_MINUTES)
    figures = (seen.expected.tolist(), seen.low.tolist(), seen.high.tolist())
    rows = [
        Expectation(service_id=key, start=start, expected=expected, low=low, high=high)
        for key, expected, low, high in zip(keys[seen.services].tolist(), *figures, strict=True)
    ]
    Expectation.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["service", "start"],
        update_fields=["expected", "low", "high"],
    )
    Expectation.objects.filter(start__lt=end - EXPECTATIONS_KEPT).delete()


def _service_keys(plan: Plan) -> Ints:
    """The tables' keys of the plan's Services, in its order."""
    return np.array([plan.service_keys[slug] for slug in plan.topology.services], np.int64)


def _write_services(
    seen: Survey, keys: Ints, standing: Mapping[int, tuple[int, State]], at: datetime
) -> None:
    services = keys[seen.services].tolist()
    nothing = (None, None)
    open_outages = [standing.get(service, nothing) for service in services]
    verdicts = [
        _verdict(state, is_learning=learning)
        for (_outage, state), learning in zip(open_outages, seen.learning.tolist(), strict=True)
    ]
    _execute(
        UPSERT_SERVICES,
        services,
        verdicts,
        [outage for outage, _state in open_outages],
        [at] * len(services),
        *(figures.tolist() for figures in (seen.observed, seen.expected, seen.low, seen.high)),
        seen.last_hour.tolist(),
    )


def _write_places(seen: Survey, keys: Ints, plan: Plan, drawn: Drawn, at: datetime) -> None:
    """Write what has changed: in most places little changes from one Minute to the next."""
    places = (keys[seen.place_services] << REGION_BITS) + seen.place_regions
    order = np.argsort(places)
    now = Drawn(at, places[order], _figures(seen)[order])
    is_new = _changed(drawn, now)
    changed, (observed, tenths, *recent) = now.places[is_new], now.figures[is_new].T
    _execute(
        UPSERT_PLACES,
        *_names(changed, plan),
        [at] * len(changed),
        observed.tolist(),
        [None if count == NONE else count / 10.0 for count in tenths.tolist()],
        [None if count == NONE else count for count in recent[0].tolist()],
        [None if count == NONE else count / 10.0 for count in recent[1].tolist()],
    )
    _execute(DELETE_PLACES, *_names(np.setdiff1d(drawn.places, now.places), plan))
    drawn.at, drawn.places, drawn.figures = now.at, now.places, now.figures


def _figures(seen: Survey) -> Ints:
    """The four figures of each place, as `Drawn` has them."""
    large = [window(usual) == SHORT_MINUTES for usual in seen.usual.tolist()]
    is_large = np.isin(seen.place_services, seen.services[large])
    recent = np.stack((seen.place_recent, _tenths(seen.place_recent_expected)), 1)
    recent[~is_large] = NONE
    expected = np.where(seen.place_known, _tenths(seen.place_expected), NONE)
    return np.column_stack((seen.place_observed, expected, recent))


def _tenths(expected: npt.NDArray[np.float64]) -> Ints:
    return np.rint(10.0 * expected).astype(np.int64)


def _changed(before: Drawn, now: Drawn) -> npt.NDArray[np.bool_]:
    """Which places of now stood otherwise before, or not at all."""
    if not len(before.places):
        return np.ones(len(now.places), np.bool_)
    at = np.minimum(np.searchsorted(before.places, now.places), len(before.places) - 1)
    same = before.places[at] == now.places
    same &= (before.figures[at] == now.figures).all(axis=1)
    return np.asarray(~same, np.bool_)


def _names(places: Ints, plan: Plan) -> tuple[list[int], list[str]]:
    """Service keys and Region codes of places, as the tables have them."""
    codes = plan.topology.regions
    regions = (places & ((1 << REGION_BITS) - 1)).tolist()
    return (places >> REGION_BITS).tolist(), [codes[region] for region in regions]


def _read_places(drawn: Drawn, plan: Plan) -> None:
    """Learn what stands in the table: another worker drew last, or nobody in this process."""
    rows = PlaceStatus.objects.values_list(
        "service_id", "region_id", "observed", "expected", "recent", "recent_expected"
    )
    found = sorted(
        (
            (service << REGION_BITS) + plan.region_index[region],
            observed,
            NONE if expected is None else round(10 * expected),
            NONE if recent is None else recent,
            NONE if usual is None else round(10 * usual),
        )
        for service, region, observed, expected, recent, usual in rows
    )
    table = np.array(found, np.int64).reshape(-1, 5)
    drawn.places, drawn.figures = table[:, 0], table[:, 1:]


def _quieten(drawn: list[int], at: datetime) -> None:
    """Services that have gone quiet since their last row: nothing observed, nothing wrong."""
    quiet = ServiceStatus.objects.exclude(service_id__in=drawn)
    wrong = quiet.filter(verdict__in=VERDICTS.values())
    wrong.update(verdict=Verdict.OK, outage=None)
    quiet.filter(last_hour__gt=0).update(at=at, observed=0, last_hour=0)


def _verdict(state: State | None, *, is_learning: bool) -> str:
    if state in VERDICTS:
        return str(VERDICTS[state])
    return str(Verdict.UNKNOWN if is_learning else Verdict.OK)


def _execute(statement: str, *columns: Sequence[object]) -> None:
    """Run a statement over rows given as columns, by key ascending.

    One key order for all writers, so that two of them can't wait for each other in a ring.
    """
    if columns[0]:
        with connection.cursor() as cursor:
            cursor.execute(statement, [list(column) for column in columns])
