"""What the aggregator asks of the Report table. Pages and the read API never do."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from reports.models import ModerationJob, Report

# A Region's code names its ancestors: US-CA is in US is in the world, whose code is "".
# Who reports from two places of a country is one network there, hence DISTINCT on every level.
BREADTH = """
SELECT place.code, count(DISTINCT report.network)
FROM (
    SELECT DISTINCT region_id, network FROM reports_report
    WHERE service_id = %s AND received_at >= %s AND received_at < %s AND rejected_at IS NULL
        AND channel <> 'social'
) AS report
CROSS JOIN LATERAL (
    VALUES (''), (split_part(report.region_id, '-', 1)), (report.region_id)
) AS place (code)
GROUP BY place.code
"""


def breadth(service_id: int, since: datetime, until: datetime) -> dict[str, int]:
    """How many distinct networks counted Reports of a Service came from, by Region code.

    A Region's number includes its descendants'; the world's ("") also those of unknown place.
    Regions without any are left out, and public posts, whose networks nobody knows. Networks are
    hashes that change at midnight UTC: a span over midnight counts one that reports on both sides
    twice.

    Args:
        service_id: the Service.
        since: aware, included.
        until: aware, excluded.
    """
    with connection.cursor() as cursor:
        cursor.execute(BREADTH, [service_id, since, until])
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Rejected:
    """Reports that were taken out of the counts.

    Attributes:
        count: how many.
        is_automated: whether a flagged burst was among the reasons.
    """

    count: int
    is_automated: bool


def rejected(service_id: int, since: datetime, until: datetime) -> Rejected:
    """The rejected Reports of a Service in a span of time (two queries).

    Args:
        service_id: the Service.
        since: aware, included.
        until: aware, excluded.
    """
    found = Report.objects.filter(
        service=service_id, received_at__gte=since, received_at__lt=until
    ).exclude(rejected_at=None)
    # Reports carry the instant of the act that rejected them.
    acts = ModerationJob.objects.filter(
        at__in=found.values("rejected_at"), selection__has_key="burst"
    )
    return Rejected(found.count(), acts.exists())
