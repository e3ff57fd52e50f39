"""Reports made by the database itself, quickly and always the same ones, for measuring.

Services are named as unevenly as in life, from as many Regions as the large countries have
subdivisions; hardly two Reports of a Minute share Service, Region and problem type.
"""

import itertools
from datetime import datetime

from django.db import connection

from reports.models import Category, ProblemType, Service

SERVICES = 200
REGIONS = 300
PROBLEM_TYPES = 5
# Each call goes on where the one before it ended; the numbers choose everything.
_first_numbers = itertools.count(step=1_000_003)

# The logarithm of even numbers in (0, 1) is what makes the choice of Services uneven.
_WRITE = """
INSERT INTO reports_report (id, received_at, service_id, region_id, problem_type_id,
    region_source, channel, fingerprint, network)
SELECT uuidv7(), %(first)s::timestamptz + (%(last)s::timestamptz - %(first)s) * share, picked,
    'R' || n * 7919 %% %(regions)s, CASE WHEN n %% 3 > 0 THEN picked * 10 + n %% %(types)s END,
    'user', 'api', substring(sha256(n::text::bytea) for 16), substring(sha256('x') for 16)
FROM (
    SELECT n, (n - %(offset)s) / %(number)s::float8 AS share,
        1 + floor(-ln((n * 104729 %% 10007 + 1) / 10008.0) * %(services)s / 10)::bigint AS picked
    FROM generate_series(%(offset)s::bigint, %(offset)s + %(number)s - 1) AS n
) AS numbered
"""


def make_catalogue() -> None:
    """The Services, ids from 1, with problem types."""
    category = Category.objects.create(slug="made", name="Made")
    services = Service.objects.bulk_create(
        Service(id=n, slug=f"service-{n}", name=f"Service {n}", category=category)
        for n in range(1, SERVICES + 1)
    )
    ProblemType.objects.bulk_create(
        ProblemType(id=service.pk * 10 + n, service=service, slug=f"type-{n}", name=f"Type {n}")
        for service in services
        for n in range(PROBLEM_TYPES)
    )


def write(number: int, first: datetime, last: datetime) -> None:
    """Write Reports in one transaction, evenly spread over a time that has partitions."""
    parameters: dict[str, int | datetime] = {
        "number": number,
        "offset": next(_first_numbers),
        "first": first,
        "last": last,
        "services": SERVICES,
        "regions": REGIONS,
        "types": PROBLEM_TYPES,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, parameters)
