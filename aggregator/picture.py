"""The picture that evaluation leaves for readers: one row a Service, one a Service and Region.

Pages and the API show these rows as they are, so what a reader costs depends neither on the
number of Reports nor on the detector.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection

from aggregator.detection import WORLD, Engine, Reading, State
from aggregator.detection import Verdict as Finding
from aggregator.models import EvaluationMark, Expectation, Outage, PlaceStatus, ServiceStatus
from aggregator.models.outage import NOT_OVER
from aggregator.models.picture import Verdict
from aggregator.topology import Plan

QUARTER_MINUTES = 15
SHORT_WINDOW = 15
LONG_WINDOW = 60
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
INSERT INTO aggregator_placestatus (service_id, region_id, at, observed, expected)
SELECT * FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::int[], %s::float8[])
ON CONFLICT (service_id, region_id) DO UPDATE SET at = excluded.at,
    observed = excluded.observed, expected = excluded.expected
"""
DELETE_PLACES = """
DELETE FROM aggregator_placestatus AS place USING unnest(%s::bigint[], %s::text[])
    AS gone (service_id, region_id)
WHERE place.service_id = gone.service_id AND place.region_id = gone.region_id
"""

# (Service's key, Region's code) → (Reports of the last hour, expected to one decimal).
Places = dict[tuple[int, str], tuple[int, float]]


@dataclass(slots=True)
class Drawn:
    """What this process knows to stand in PlaceStatus; only true if nobody has drawn since `at`."""

    at: datetime | None = None
    places: Places = field(default_factory=dict)


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
    keys = plan.service_keys
    open_outages = dict(Outage.objects.filter(state__in=NOT_OVER).values_list("service_id", "pk"))
    findings = [(keys[finding.service], finding) for finding in _loud(engine)]
    _write_services(findings, open_outages, at)
    if drawn.at != mark.evaluated_until:
        drawn.places = _stored_places()
    _write_places(findings, drawn, at)
    _quieten([key for key, _ in findings], at)


def expect(engine: Engine, plan: Plan, end: datetime) -> None:
    """Write what was expected of each Service, worldwide, in the quarter-hour that just ended.

    Args:
        engine: the detector, having taken every Minute before `end`.
        plan: the way from its names to the tables' keys.
        end: the end of the quarter, aware; on the quarter-hour.
    """
    keys = plan.service_keys
    start = end - timedelta(minutes=SHORT_WINDOW)
    rows = [
        Expectation(
            service_id=keys[finding.service],
            start=start,
            expected=quarter.expected,
            low=quarter.low,
            high=quarter.high,
        )
        for finding in _loud(engine)
        for quarter, _ in [_world(finding)]
    ]
    Expectation.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["service", "start"],
        update_fields=["expected", "low", "high"],
    )
    Expectation.objects.filter(start__lt=end - EXPECTATIONS_KEPT).delete()


def _loud(engine: Engine) -> list[Finding]:
    """What the detector says of Services with Reports in the last hour."""
    return [finding for finding in engine.verdicts() if WORLD in finding.readings]


def _write_services(
    findings: Iterable[tuple[int, Finding]], open_outages: dict[int, int], at: datetime
) -> None:
    rows = []
    for key, finding in findings:
        short, long = _world(finding)
        verdict = _verdict(finding)
        rows.append(
            (
                key,
                str(verdict),
                open_outages.get(key),
                at,
                short.observed,
                short.expected,
                short.low,
                short.high,
                long.observed,
            )
        )
    _execute(UPSERT_SERVICES, rows)


def _write_places(findings: Iterable[tuple[int, Finding]], drawn: Drawn, at: datetime) -> None:
    """Write what has changed: in most places little changes from one Minute to the next."""
    places: Places = {
        (key, region): (reading.observed, round(reading.expected, 1))
        for key, finding in findings
        for region, readings in finding.readings.items()
        for reading in readings
        if region and reading.window == LONG_WINDOW and reading.observed
    }
    changed = [
        (*place, at, *figures)
        for place, figures in places.items()
        if drawn.places.get(place) != figures
    ]
    _execute(UPSERT_PLACES, changed)
    _execute(DELETE_PLACES, list(drawn.places.keys() - places.keys()))
    drawn.at, drawn.places = at, places


def _stored_places() -> Places:
    rows = PlaceStatus.objects.values_list("service_id", "region_id", "observed", "expected")
    return {(service, region): (seen, expected) for service, region, seen, expected in rows}


def _quieten(drawn: list[int], at: datetime) -> None:
    """Services that have gone quiet since their last row: nothing observed, nothing wrong."""
    quiet = ServiceStatus.objects.exclude(service_id__in=drawn)
    wrong = quiet.filter(verdict__in=VERDICTS.values())
    wrong.update(verdict=Verdict.OK, outage=None)
    quiet.filter(last_hour__gt=0).update(at=at, observed=0, last_hour=0)


def _verdict(finding: Finding) -> Verdict:
    if finding.state is not None and finding.state in VERDICTS:
        return VERDICTS[finding.state]
    return Verdict.UNKNOWN if finding.learning else Verdict.OK


def _world(finding: Finding) -> tuple[Reading, Reading]:
    readings = {reading.window: reading for reading in finding.readings[WORLD]}
    return readings[SHORT_WINDOW], readings[LONG_WINDOW]


def _execute(statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    if not rows:
        return
    # One key order for all writers, so that two of them can't wait for each other in a ring.
    columns = [list(column) for column in zip(*sorted(rows, key=lambda row: row[:2]), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(statement, columns)
