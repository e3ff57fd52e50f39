"""Which Services fail together with one, over the last year."""

from collections import defaultdict
from datetime import datetime, timedelta

import msgspec
from django.db import connection
from django.db.models import Count, Min

from aggregator.detection.kinship import PARAMETERS, Tie, tie
from aggregator.models import Outage
from aggregator.models.outage import State
from aggregator.selectors.values import Slug
from reports.models import Service

LOOKED_AT = timedelta(days=365)


class Kin(msgspec.Struct, frozen=True, kw_only=True):
    """A Service whose Outages begin near those of another, more often than chance explains.

    Attributes:
        service: its slug.
        outages: of the one asked about, over the last year; retracted ones count nowhere.
        together: how many of them began within 30 minutes of one of this Service.
        by_chance: how many would have.
        lag_minutes: median of this Service's onset minus the other's; below 0 it failed earlier.
        version: of the rule that names it.
    """

    service: Slug
    name: str
    outages: int
    together: int
    by_chance: float
    lag_minutes: float
    version: str


# Of several onsets near one, the nearest counts.
_NEAR = """
SELECT DISTINCT ON (other.service_id, own.id) other.service_id,
    EXTRACT(EPOCH FROM other.started_at - own.started_at) / 60.0
FROM aggregator_outage own
JOIN aggregator_outage other ON other.service_id <> own.service_id
    AND other.started_at BETWEEN own.started_at - %(near)s * interval '1 minute'
        AND own.started_at + %(near)s * interval '1 minute'
WHERE own.service_id = %(service)s AND own.started_at >= %(since)s
    AND own.state <> 'retracted' AND other.state <> 'retracted'
ORDER BY other.service_id, own.id, abs(EXTRACT(EPOCH FROM other.started_at - own.started_at))
"""


def kin(service_id: int, now: datetime) -> list[Kin]:
    """The closest first: those with most Outages together (one query, up to four).

    Args:
        service_id: of the Service asked about.
        now: aware.
    """
    since = now - LOOKED_AT
    lags: dict[int, list[float]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, {"near": PARAMETERS.near, "service": service_id, "since": since})
        for other, minutes in cursor.fetchall():
            lags[other].append(float(minutes))
    often = {other: own for other, own in lags.items() if len(own) >= PARAMETERS.least_times}
    return _told(service_id, often, since, now) if often else []


def _told(
    service_id: int, often: dict[int, list[float]], since: datetime, now: datetime
) -> list[Kin]:
    stand = Outage.objects.filter(started_at__gte=since).exclude(state=State.RETRACTED)
    counts = dict(
        stand.filter(service__in=[service_id, *often])
        .values_list("service")
        .annotate(onsets=Count("pk"))
        .order_by()
    )
    # Before the first Outage of all nobody was watching, as far as we know.
    first = stand.aggregate(first=Min("started_at"))["first"]
    minutes = max((now - first) / timedelta(minutes=1), PARAMETERS.near)
    onsets, compared = counts[service_id], Service.objects.filter(is_active=True).count()
    told = []
    for row in Service.objects.filter(pk__in=often, is_active=True):
        lags = often[row.pk]
        # An onset near one of the year's first minutes may lie before them.
        others = max(counts.get(row.pk, 0), len(lags))
        found = tie(lags, onsets, others, minutes, compared)
        if found is not None:
            told.append(_kin(row, found, onsets))
    return sorted(told, key=lambda one: (-one.together, one.service))


def _kin(row: Service, found: Tie, onsets: int) -> Kin:
    return Kin(
        service=row.slug,
        name=row.name,
        outages=onsets,
        together=found.times,
        by_chance=found.expected,
        lag_minutes=round(found.lag, 1),
        version=PARAMETERS.version,
    )
