"""What one round of evaluation costs, from PostgreSQL to PostgreSQL.

For each size: that many (Service, Region) series of one Report a minute each, at random, which the
detector has known for a day; one Service in a hundred is in outage. A round reads one more Minute,
scores it, and writes marks, statuses and places. Beside the whole round stands the detector alone,
fed with the same counts: its median, and the Minute in which it learns a quarter-hour.

`python -m benchmarks.evaluation`; `--sizes 1000,10000` chooses other sizes, and `--json` ends
with one line of figures.
"""

import sys
import time
from datetime import UTC, datetime
from statistics import median

import numpy as np

from benchmarks import ground

ground.prepare()

from django.db import connection, transaction  # noqa: E402 - only after ground.prepare()

from aggregator import evaluation, topology  # noqa: E402
from aggregator.clock import minute_of, start_of  # noqa: E402
from aggregator.detection import Counts, Engine, Topology  # noqa: E402
from aggregator.models import CountingMark, EngineCheckpoint, EvaluationMark  # noqa: E402
from reports import partitions  # noqa: E402
from reports.models import Category, Region, Service  # noqa: E402
from reports.models.place import RegionKind  # noqa: E402

SIZES = (1_000, 10_000, 100_000)
REGIONS_EACH = 100
SERVICES_EACH_OUTAGE = 100
CROWD = 20
DAY_MINUTES = 1440
ROUNDS = 15
START = minute_of(datetime(2026, 3, 18, 12, 0, tzinfo=UTC))


def main() -> None:
    """Measure every size and print the table."""
    figures: dict[str, object] = {}
    rows = []
    for size in _sizes():
        alone = detector_alone(size)
        whole, detector, learning = median(rounds(size)), median(alone), max(alone)
        rows.append((f"{size:,}", whole, detector, learning, 1e6 * detector / size))
        name = f"{size // 1000}k"
        figures[f"seconds_{name}"] = round(whole, 4)
        figures[f"detector_seconds_{name}"] = round(detector, 4)
        figures[f"learning_seconds_{name}"] = round(learning, 4)
    ground.show(
        f"One round of evaluation, median of {ROUNDS}",
        ("series", "whole round, s", "detector, s", "when it learns, s", "detector, µs/series"),
        rows,
    )
    ground.finish(figures)


def rounds(size: int) -> list[float]:
    """Seconds of each round over so many series, from a checkpoint of a day."""
    _empty()
    evaluation.forget()
    _make(size)
    plan = topology.read()
    engine, begin = _learnt(plan.topology, size)
    EngineCheckpoint.objects.create(
        at=start_of(begin), parameters=engine.parameters.version, data=engine.checkpoint()
    )
    EvaluationMark.objects.create(evaluated_until=start_of(begin))
    partitions.ensure("aggregator_minutecount", *[start_of(begin).date()] * 2)
    keys = [plan.service_keys[slug] for slug in plan.topology.services]
    seconds = []
    for minute in range(begin, begin + ROUNDS + 1):
        _count(plan, keys, _minute(size, minute, begin), minute)
        seconds.append(_evaluate_until(minute + 1))
    # The first one also restores the checkpoint.
    return seconds[1:]


def detector_alone(size: int) -> list[float]:
    """Seconds of each Minute in the detector, over so many series of their own Services."""
    regions = ("", *(f"X{n:03}" for n in range(REGIONS_EACH)))
    services = tuple(f"s{n}" for n in range(-(-size // REGIONS_EACH)))
    parents = (-1, *(0 for _ in range(REGIONS_EACH)))
    engine, begin = _learnt(Topology(services, regions, parents, ("UTC",) * len(regions)), size)
    seconds = []
    for minute in range(begin, begin + ROUNDS):
        counts = _minute(size, minute, begin)
        began = time.perf_counter()
        engine.advance(minute, counts, intake=True)
        seconds.append(time.perf_counter() - began)
    return seconds


def _learnt(known: Topology, size: int) -> tuple[Engine, int]:
    """An engine that has seen a day of all series, and the first Minute it has not seen."""
    engine = Engine(known)
    for minute in range(START, START + DAY_MINUTES):
        engine.advance(minute, _minute(size, minute, START + DAY_MINUTES), intake=True)
    return engine, START + DAY_MINUTES


def _minute(size: int, minute: int, outage: int) -> Counts:
    """A Minute's counts: one Report a series, at random; a crowd in some from `outage` on."""
    rates = np.ones(size)
    if minute >= outage:
        rates[np.arange(size) // REGIONS_EACH % SERVICES_EACH_OUTAGE == 0] = CROWD
    reports = np.random.default_rng(minute).poisson(rates)
    series = np.flatnonzero(reports)
    return Counts(series // REGIONS_EACH, 1 + series % REGIONS_EACH, reports[series])


def _evaluate_until(minute: int) -> float:
    CountingMark.objects.update_or_create(
        pk=1,
        defaults={
            "transaction": 0,
            "cluster": 0,
            "counted_until": start_of(minute),
        },
    )
    began = time.perf_counter()
    evaluation.evaluate(datetime.now(UTC))
    return time.perf_counter() - began


def _make(size: int) -> None:
    category, _ = Category.objects.get_or_create(slug="all", defaults={"name": "All"})
    countries = [f"X{n:03}" for n in range(REGIONS_EACH)]
    world = Region(code="", kind=RegionKind.WORLD, name="World", time_zone="UTC")
    places = [
        Region(code=code, kind=RegionKind.COUNTRY, parent_id="", name=code, time_zone="UTC")
        for code in countries
    ]
    for place in (world, *places):
        place.latitude = place.longitude = place.weight = 0.0
    Region.objects.bulk_create([world, *places], ignore_conflicts=True)
    Service.objects.bulk_create(
        Service(slug=f"s{n}", name=f"S{n}", category=category)
        for n in range(-(-size // REGIONS_EACH))
    )


def _count(plan: topology.Plan, keys: list[int], counts: Counts, minute: int) -> None:
    copy = "COPY aggregator_minutecount (start, service_id, region_id, count) FROM STDIN"
    columns = (counts.services.tolist(), counts.regions.tolist(), counts.reports.tolist())
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(copy) as rows:
        for service, region, count in zip(*columns, strict=True):
            rows.write_row((start_of(minute), keys[service], plan.topology.regions[region], count))


def _empty() -> None:
    for model in (EngineCheckpoint, EvaluationMark, CountingMark):
        model.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE aggregator_minutecount, aggregator_servicestatus, aggregator_placestatus,"
            " aggregator_expectation, reports_service CASCADE"
        )


def _sizes() -> tuple[int, ...]:
    if "--sizes" not in sys.argv:
        return SIZES
    return tuple(int(size) for size in sys.argv[sys.argv.index("--sizes") + 1].split(","))


if __name__ == "__main__":
    main()
