"""The vendor's own word beside the crowd's: now, for each Outage, and over all of them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from django.db.models import Q, QuerySet

from aggregator.models import OfficialComponentState, OfficialIncident, OfficialPage, Outage
from aggregator.models.outage import State
from aggregator.models.picture import Verdict
from aggregator.official.lead import REACH, Crowd, Record, Vendor, lead, pairs, record
from aggregator.outage_json import OfficialDocument
from aggregator.selectors.values import Instant, Slug
from reports.models import Service

# A page without a good answer for so long is dead, not just slow.
DEAD_AFTER = timedelta(hours=1)
# A confirmed Outage that a page does not know after so long is a lie by omission.
SILENT_AFTER = timedelta(minutes=30)
WELL = frozenset({"none", ""})
LATEST = 10
COMPARED = timedelta(days=365)


class Face(StrEnum):
    """How far a vendor's page can be believed now."""

    UNREAD = "unread"
    DEAD = "dead"
    SILENT = "silent"
    TELLING = "telling"


class IncidentNow(msgspec.Struct, frozen=True, kw_only=True):
    """An incident or maintenance that a vendor declares.

    Attributes:
        key: the vendor's id.
        kind: `incident` or `maintenance`.
        status: the vendor's word; `gone` when it left the page without one.
        declared_at: its first update's own time, by the vendor's clock.
        first_seen_at: when we saw it, by our clock.
        backdated: it was not on the page yet when, by its own word, it was declared.
        acknowledged_at: what leads are measured against: `declared_at`, or, if backdated, our
            last look that did not show it.
    """

    key: str
    kind: str
    name: str
    status: str
    impact: str
    url: str
    declared_at: Instant
    first_seen_at: Instant
    backdated: bool
    acknowledged_at: Instant
    resolved_at: Instant | None
    scheduled_for: Instant | None
    scheduled_until: Instant | None


class PartNow(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a vendor's page that is not well, and since when we see it so."""

    name: str
    status: str
    since: Instant


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


class OfficialNow(msgspec.Struct, frozen=True, kw_only=True):
    """What the vendor's own page says now, whether it can be believed, and how it did so far.

    Attributes:
        url: the vendor's page, feed or probed address.
        kind: `statuspage`, `atom`, `rss` or `probe`.
        face: `telling`; `unread` (no good answer yet); `dead` (no good answer for an hour);
            `silent` (says that all is well half an hour after the crowd confirmed an outage).
        indicator: `none`, `minor`, `major`, `critical`, `maintenance`; empty when unread.
        description: the vendor's own words.
        good_at: the last good answer.
        fault: why there is none now; empty when all is well.
        incidents: open ones and the latest, by the time of their declaration, newest first.
        components: the parts that are not operational.
    """

    service: Slug
    url: str
    kind: str
    face: str
    indicator: str
    description: str
    good_at: Instant | None
    fault: str
    incidents: list[IncidentNow]
    components: list[PartNow]
    record: LeadRecord


@dataclass(frozen=True, slots=True)
class Beside:
    """The vendor's incident that goes with an Outage.

    Attributes:
        lead: from our confirmation to its acknowledgement; None for an unconfirmed Outage.
    """

    incident: OfficialIncident
    vendor: Vendor
    lead: timedelta | None


def watched_services() -> QuerySet[Service]:
    """Active Services whose vendor's page is polled, with status and page (one query)."""
    watched = Service.objects.filter(is_active=True, official__isnull=False)
    return watched.select_related("official", "status__outage")


def official_now(row: Service, now: datetime) -> OfficialNow:
    """What the vendor of a Service of `watched_services()` says (four queries)."""
    page = row.official
    found = OfficialIncident.objects.filter(service=row)
    latest = list(found[:LATEST])
    still = found.filter(resolved_at=None).exclude(pk__in=[one.pk for one in latest])
    parts = OfficialComponentState.objects.filter(service=row, ended_at=None)
    return OfficialNow(
        service=row.slug,
        url=page.url,
        kind=page.kind,
        face=face(row, now),
        indicator=page.indicator,
        description=page.description,
        good_at=page.good_at,
        fault=page.fault,
        incidents=[incident_now(one) for one in [*latest, *still]],
        components=[
            PartNow(name=part.name, status=part.status, since=part.first_seen_at)
            for part in parts.exclude(status="operational").order_by("name")
        ],
        record=records([row], now)[0],
    )


def face(row: Service, now: datetime) -> Face:
    """How far the page of a Service of `watched_services()` can be believed."""
    page: OfficialPage = row.official
    if page.good_at is None:
        return Face.UNREAD
    if page.kind != "probe" and page.failing_since and page.failing_since <= now - DEAD_AFTER:
        return Face.DEAD
    status = getattr(row, "status", None)
    outage = status.outage if status and status.verdict == Verdict.MAJOR else None
    long_known = (
        outage is not None and outage.confirmed_at and outage.confirmed_at <= now - SILENT_AFTER
    )
    return Face.SILENT if long_known and page.indicator in WELL else Face.TELLING


def incident_now(row: OfficialIncident) -> IncidentNow:
    """An incident ready to show."""
    vendor = _vendor(row)
    return IncidentNow(
        key=row.key,
        kind="maintenance" if row.is_maintenance else "incident",
        name=row.name,
        status=row.status,
        impact=row.impact,
        url=row.url,
        declared_at=row.declared_at,
        first_seen_at=row.first_seen_at,
        backdated=vendor.is_backdated,
        acknowledged_at=vendor.acknowledged_at,
        resolved_at=row.resolved_at,
        scheduled_for=row.scheduled_for,
        scheduled_until=row.scheduled_until,
    )


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
        told = pairs(list(crowds.values()), list(map(_vendor, own.values())), now)
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
            _vendor(one)
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


def _vendor(one: OfficialIncident) -> Vendor:
    return Vendor(one.pk, one.declared_at, one.not_before)
