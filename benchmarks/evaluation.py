"""What one round of evaluation costs, from PostgreSQL to PostgreSQL.

For each size: that many (Service, Region) series with Reports in every Minute of the last hour and
a half. A round reads one more Minute, scores it, and writes marks, statuses and places. Beside the
whole round stands the detector alone, fed with the same counts.

`python -m benchmarks.evaluation`; `--sizes 1000,10000` chooses other sizes, and `--json` ends
with one line of figures.
"""

import sys
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice, product
from statistics import median

import numpy as np

from benchmarks import ground

ground.prepare()

from django.db import connection, transaction  # noqa: E402 - only after ground.prepare()

from aggregator import evaluation  # noqa: E402
from aggregator.clock import minute_of, start_of  # noqa: E402
from aggregator.detection import Counts, Engine, Topology  # noqa: E402
from aggregator.models import CountingMark, EngineCheckpoint, EvaluationMark  # noqa: E402
from reports import partitions  # noqa: E402
from reports.models import Category, Region, Service  # noqa: E402
from reports.models.place import RegionKind  # noqa: E402

SIZES = (1_000, 10_000, 100_000)
REGIONS_EACH = 100
WARM_MINUTES = 90
ROUNDS = 5
START = minute_of(datetime(2026, 3, 18, 12, 0, tzinfo=UTC))


def main() -> None:
    """Measure every size and print the table."""
    figures: dict[str, object] = {}
    rows = []
    for size in _sizes():
        whole, detector = median(rounds(size)), median(detector_alone(size))
        rows.append((f"{size:,}", whole, detector, 1e6 * detector / size))
        name = f"{size // 1000}k"
        figures[f"seconds_{name}"] = round(whole, 4)
        figures[f"detector_seconds_{name}"] = round(detector, 4)
    ground.show(
        f"One round of evaluation, median of {ROUNDS}",
        ("series", "whole round, s", "detector, s", "detector, µs/series"),
        rows,
    )
    ground.finish(figures)


def rounds(size: int) -> list[float]:
    """Seconds of each round over so many series, after an hour and a half to warm up."""
    _empty()
    evaluation.forget()
    pairs = list(_pairs(size))
    partitions.ensure("aggregator_minutecount", *[start_of(START).date()] * 2)
    for minute in range(START, START + WARM_MINUTES):
        _count(pairs, minute)
    _evaluate_until(START + WARM_MINUTES)
    seconds = []
    for minute in range(START + WARM_MINUTES, START + WARM_MINUTES + ROUNDS):
        _count(pairs, minute)
        seconds.append(_evaluate_until(minute + 1))
    return seconds


def detector_alone(size: int) -> list[float]:
    """Seconds of each Minute in the detector, over so many series of their own Services."""
    regions = ("", *(f"X{n:03}" for n in range(REGIONS_EACH)))
    services = tuple(f"s{n}" for n in range(-(-size // REGIONS_EACH)))
    parents = (-1, *(0 for _ in range(REGIONS_EACH)))
    engine = Engine(Topology(services, regions, parents, ("UTC",) * len(regions)))
    series = np.arange(size)
    counts = Counts(series // REGIONS_EACH, 1 + series % REGIONS_EACH, np.ones(size, np.int64))
    seconds = []
    for minute in range(START, START + WARM_MINUTES + ROUNDS):
        began = time.perf_counter()
        engine.advance(minute, counts, intake=True)
        seconds.append(time.perf_counter() - began)
    return seconds[WARM_MINUTES:]


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


def _pairs(size: int) -> Iterable[tuple[int, str]]:
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
    wanted = -(-size // REGIONS_EACH)
    Service.objects.bulk_create(
        [Service(slug=f"s{n}", name=f"S{n}", category=category) for n in range(wanted)],
        ignore_conflicts=True,
    )
    keys = Service.objects.order_by("pk").values_list("pk", flat=True)[:wanted]
    return islice(product(keys, countries), size)


def _count(pairs: list[tuple[int, str]], minute: int) -> None:
    copy = "COPY aggregator_minutecount (start, service_id, region_id, count) FROM STDIN"
    with transaction.atomic(), connection.cursor() as cursor, cursor.copy(copy) as rows:
        for service, region in pairs:
            rows.write_row((start_of(minute), service, region, 1))


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
