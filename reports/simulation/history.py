"""A made-up past: crowds written straight into the Report table, for demonstrations only."""

import hashlib
import itertools
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from reports import partitions
from reports.models import IntakeMinute, ProblemType, Report, Service
from reports.models.report import Channel, RegionSource
from reports.simulation import crowd, scenarios
from reports.simulation.crowd import Voice

DAYS = 8
MINUTE = timedelta(minutes=1)
SCENARIOS = ("ordinary", "past-week")
COLUMNS = (
    *("id", "received_at", "service_id", "region_id", "problem_type_id"),
    *("region_source", "channel", "fingerprint", "network"),
)

Row = tuple[UUID, datetime, int, str, int | None, str, str, bytes, bytes]


def write(now: datetime, seed: int = 1) -> int:
    """Write the last eight days' Reports and heartbeats, unless there are Reports already.

    Opens one transaction; a crash leaves nothing. The Reports are counted like any others.

    Args:
        now: where the past ends, aware.
        seed: another one makes another past.

    Returns:
        How many Reports were written.
    """
    if Report.objects.exists():
        return 0
    start = (now - timedelta(days=DAYS)).astimezone(UTC).replace(second=0, microsecond=0)
    for table in ("reports_report", "aggregator_minutecount"):
        partitions.ensure(table, start.date(), now.astimezone(UTC).date())
    # Read now: no other statement fits into the connection while it copies.
    numbers = Numbers.of_catalogue()
    rows = itertools.chain.from_iterable(
        _rows(name, start, now, seed + number, numbers) for number, name in enumerate(SCENARIOS)
    )
    with transaction.atomic(), connection.cursor() as cursor:
        written = 0
        with cursor.copy(f"COPY reports_report ({', '.join(COLUMNS)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
                written += 1
        IntakeMinute.objects.bulk_create(
            (IntakeMinute(minute=start + MINUTE * n) for n in range((now - start) // MINUTE)),
            ignore_conflicts=True,
            batch_size=5_000,
        )
    return written


@dataclass(frozen=True, slots=True)
class Numbers:
    """The catalogue's numbers by name."""

    services: Mapping[str, int]
    problem_types: Mapping[tuple[int, str], int]

    @classmethod
    def of_catalogue(cls) -> "Numbers":
        """Those of the catalogue in the database."""
        return cls(
            {service.slug: service.pk for service in Service.objects.all()},
            {(kind.service_id, kind.slug): kind.pk for kind in ProblemType.objects.all()},
        )


def _rows(name: str, start: datetime, now: datetime, seed: int, numbers: Numbers) -> Iterator[Row]:
    """The Reports of one scenario, as the table has them."""
    chance = random.Random(seed)  # noqa: S311 - nothing secret about a demonstration
    for voice in crowd.voices(scenarios.load(name), start, seed):
        at = start + MINUTE * voice.minute
        if at >= now:
            return
        service = numbers.services.get(voice.service)
        if service is None:
            continue
        yield (
            _id(at, chance),
            at,
            service,
            voice.region,
            numbers.problem_types.get((service, voice.problem_type)),
            RegionSource.USER.value if voice.region else RegionSource.NONE.value,
            Channel.API.value,
            *_hashes(voice, at),
        )


def _id(at: datetime, chance: random.Random) -> UUID:
    """An id of the form of all Report ids (UUIDv7), the same for the same seed."""
    milliseconds = int(at.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | chance.getrandbits(62))


def _hashes(voice: Voice, at: datetime) -> tuple[bytes, bytes]:
    """What stands for the sender and the network; made-up senders have nothing to hide."""
    day = at.date().isoformat()
    return _digest(f"{day} {voice.address}"), _digest(f"{day} network {voice.network}")


def _digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
