"""What is wrong with a Service, as its Reports say."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from django.db import connection
from django.db.models import F, Sum

from aggregator.models import Outage, QuarterCount
from aggregator.privacy import shown
from aggregator.selectors.catalogue import within
from aggregator.selectors.spans import Step, floor
from aggregator.selectors.values import Count, FewerThan, Slug

# An Outage is told apart by what was reported first; a long one costs no more than a short one.
LONGEST_LOOK = timedelta(hours=24)


class Look(StrEnum):
    """How far back problem types are ranked."""

    HOUR = "1h"
    DAY = "24h"


LENGTH = {Look.HOUR: timedelta(hours=1), Look.DAY: timedelta(hours=24)}


class ProblemNow(msgspec.Struct, frozen=True, kw_only=True):
    """How often one thing was said to be wrong.

    Attributes:
        problem_type: null for Reports that name none.
        name: empty for Reports that name none.
        share: part of all Reports of the span, 0 to 1; null where the count is private.
    """

    problem_type: Slug | None
    name: str
    count: Count
    fewer_than: FewerThan
    share: float | None


def problems(service_id: int, since: datetime, region: str = "") -> list[ProblemNow]:
    """The problem types of a Service's Reports since an instant, the most frequent first.

    Those whose counts are private come last, by slug. One query.

    Args:
        service_id: the Service.
        since: aware; taken back to the beginning of its quarter-hour.
        region: a Region's code, its descendants included; empty: worldwide.
    """
    rows = QuarterCount.objects.filter(service_id=service_id, start__gte=floor(since, Step.QUARTER))
    if region:
        rows = rows.filter(region_id__in=within(region))
    named = rows.values(slug=F("problem_type__slug"), named=F("problem_type__name"))
    # Moderation leaves buckets of 0 behind.
    counted = named.annotate(total=Sum("count")).filter(total__gt=0)
    sums = list(counted.values_list("slug", "named", "total"))
    every = sum(total for _, _, total in sums) or 1
    found = [_problem(slug, name, total, total / every, region) for slug, name, total in sums]
    return sorted(found, key=lambda row: (-(row.count or 0), row.problem_type or ""))


def ranked_slugs(outages: Iterable[Outage]) -> dict[int, list[str]]:
    """The problem types of each Outage's first day by its id, the most reported first. One query.

    Reports that name none are left out; so is an Outage without any named.
    """
    spans = [
        (outage.pk, outage.service_id, *_look(outage.started_at, outage.ended_at))
        for outage in outages
    ]
    if not spans:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_RANKED, [list(column) for column in zip(*spans, strict=True)])
        return dict(cursor.fetchall())


_RANKED = """
SELECT id, array_agg(slug ORDER BY total DESC, slug)
FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[], %s::timestamptz[])
    AS outage (id, service_id, since, until)
CROSS JOIN LATERAL (
    SELECT kind.slug, sum(counted.count) AS total
    FROM aggregator_quartercount counted
    JOIN reports_problemtype kind ON kind.id = counted.problem_type_id
    WHERE counted.service_id = outage.service_id
        AND counted.start >= outage.since AND counted.start < outage.until
    GROUP BY kind.slug
) ranked
GROUP BY id
"""


def _look(started_at: datetime, ended_at: datetime | None) -> tuple[datetime, datetime]:
    start = floor(started_at, Step.QUARTER)
    longest = start + LONGEST_LOOK
    return start, min(ended_at or longest, longest)


def _problem(
    slug: str | None, name: str | None, total: int, share: float, region: str
) -> ProblemNow:
    figure = shown(total, region)
    return ProblemNow(
        problem_type=slug,
        name=name or "",
        count=figure.count,
        fewer_than=figure.fewer_than,
        share=None if figure.count is None else round(share, 3),
    )
