"""The vendor's own incident beside an Outage, and who was first over a year of them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.db.models import Q

from aggregator.models import OfficialIncident, OfficialPage, Outage
from aggregator.models.outage import NOT_OVER, State
from aggregator.official.lead import REACH, Crowd, Record, Vendor, lead, pairs, record
from aggregator.outage_json import OfficialDocument
from aggregator.selectors.values import Instant, Slug
from reports.models import Service

# A page without a good answer for so long is dead, not just slow.
DEAD_AFTER = timedelta(hours=1)
COMPARED = timedelta(days=365)


class LeadRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How crowd and vendor compared over the last year; leads are minutes, above 0: crowd first.

    A lead is the time from our confirmation to the vendor's first public acknowledgement: its
    first update's time, never the onset that it states afterwards.

    Attributes:
        since: what happened before is not compared; null when the page was never read.
        n: confirmed Outages that the vendor acknowledged; the leads are of these.
        crowd_first: how many of them the crowd had confirmed earlier.
        vendor_first: how many of them the vendor had declared earlier, or at the same instant.
        median: of the leads; null below one.
        lower_quartile: of the leads.
        upper_quartile: of the leads.
        smallest: the worst for the crowd.
        largest: the best for the crowd.
        crowd_only: confirmed Outages that the vendor never acknowledged.
        vendor_only: incidents of the vendor that the crowd did not confirm.
        retracted: Outages that were none, as a moderator found.
    """

    service: Slug
    since: Instant | None
    n: int
    crowd_first: int
    vendor_first: int
    median: float | None
    lower_quartile: float | None
    upper_quartile: float | None
    smallest: float | None
    largest: float | None
    crowd_only: int
    vendor_only: int
    retracted: int


@dataclass(frozen=True, slots=True)
class Beside:
    """The vendor's incident that goes with an Outage.

    Attributes:
        lead: from our confirmation to its acknowledgement; None for an unconfirmed Outage.
    """

    incident: OfficialIncident
    vendor: Vendor
    lead: timedelta | None


def beside(outages: Sequence[Outage], now: datetime) -> dict[int, Beside]:
    """The vendor's incident of each Outage that has one, by the Outage's id (two queries).

    All Outages of a Service in reach of an incident have a say in whose it is.
    """
    if not outages:
        return {}
    services = {one.service_id for one in outages}
    first = min(one.started_at for one in outages) - 2 * REACH
    last = max(one.ended_at or now for one in outages) + 2 * REACH
    incidents = _incidents(services, first, last)
    if not incidents:
        return {}
    rows = Outage.objects.filter(service__in=services, started_at__lt=last).exclude(
        state=State.RETRACTED
    )
    near = rows.filter(Q(ended_at=None) | Q(ended_at__gt=first))
    found: dict[int, Beside] = {}
    for service in services:
        crowds = {one.pk: _crowd(one) for one in near if one.service_id == service}
        own = {one.pk: one for one in incidents if one.service_id == service}
        told = pairs(list(crowds.values()), list(map(vendor_of, own.values())), now)
        for key, vendor in told.items():
            found[key] = Beside(own[vendor.id], vendor, lead(crowds[key], vendor))
    return found


def document(one: Beside) -> OfficialDocument:
    """What an Outage's JSON says of the vendor's incident."""
    return OfficialDocument(
        key=one.incident.key,
        name=one.incident.name,
        status=one.incident.status,
        impact=one.incident.impact,
        url=one.incident.url,
        declared_at=one.incident.declared_at,
        first_seen_at=one.incident.first_seen_at,
        acknowledged_at=one.vendor.acknowledged_at,
        resolved_at=one.incident.resolved_at,
        lead_minutes=minutes(one.lead.total_seconds()) if one.lead is not None else None,
    )


def unmentioned(
    outages: Iterable[Outage], told: Mapping[int, Beside], now: datetime
) -> frozenset[int]:
    """Ids of Outages that go on while the vendor's page, read well, says nothing. One query.

    Args:
        outages: any.
        told: what `beside` found of them.
        now: aware.
    """
    silent = [one for one in outages if one.state in NOT_OVER and one.pk not in told]
    if not silent:
        return frozenset()
    pages = OfficialPage.objects.filter(
        service__in={one.service_id for one in silent}, good_at__gt=now - DEAD_AFTER
    )
    read = set(pages.filter(indicator="none").values_list("service_id", flat=True))
    return frozenset(one.pk for one in silent if one.service_id in read)


def records(rows: Iterable[Service], now: datetime) -> list[LeadRecord]:
    """The records of Services with `official` loaded, in their order (two queries for all)."""
    rows = list(rows)
    since = {
        row.pk: max(row.official.watched_since, now - COMPARED)
        for row in rows
        if row.official.watched_since
    }
    if not since:
        return [_lead_record(row, None, record([], [], now)) for row in rows]
    first = min(since.values())
    outages = Outage.objects.filter(service__in=since, started_at__gte=first)
    incidents = _incidents(since, first, now)
    made = []
    for row in rows:
        start = since.get(row.pk, now)
        crowds = [
            _crowd(one) for one in outages if one.service_id == row.pk and one.started_at >= start
        ]
        vendors = [
            vendor_of(one)
            for one in incidents
            if one.service_id == row.pk and one.declared_at >= start
        ]
        made.append(_lead_record(row, since.get(row.pk), record(crowds, vendors, now)))
    return made


def minutes(seconds: float) -> float:
    """Seconds as minutes, to a tenth.

    >>> minutes(-90.0)
    -1.5
    """
    return round(seconds / 60, 1)


def _lead_record(row: Service, since: datetime | None, found: Record) -> LeadRecord:
    lower, middle, upper = map(_minutes, found.quartiles or (None, None, None))
    return LeadRecord(
        service=row.slug,
        since=since,
        n=found.n,
        crowd_first=found.crowd_first,
        vendor_first=found.vendor_first,
        median=middle,
        lower_quartile=lower,
        upper_quartile=upper,
        smallest=_minutes(found.slowest),
        largest=_minutes(found.fastest),
        crowd_only=found.crowd_only,
        vendor_only=found.vendor_only,
        retracted=found.retracted,
    )


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else minutes(seconds)


def _incidents(
    services: Collection[int], first: datetime, last: datetime
) -> list[OfficialIncident]:
    return list(
        OfficialIncident.objects.filter(
            service__in=list(services),
            is_maintenance=False,
            declared_at__gte=first,
            declared_at__lt=last,
        )
    )


def _crowd(one: Outage) -> Crowd:
    return Crowd(
        id=one.pk,
        started_at=one.started_at,
        detected_at=one.detected_at,
        confirmed_at=one.confirmed_at,
        ended_at=one.ended_at,
        is_retracted=one.state == State.RETRACTED,
    )


def vendor_of(one: OfficialIncident) -> Vendor:
    """An incident as `lead` compares it."""
    return Vendor(one.pk, one.declared_at, one.not_before)
