"""What a vendor's own page says now, and how far it can be believed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec
from django.db.models import QuerySet

from aggregator.models import OfficialComponentState, OfficialIncident, OfficialPage
from aggregator.models.picture import Verdict
from aggregator.selectors.leads import DEAD_AFTER, LeadRecord, records, vendor_of
from aggregator.selectors.values import Instant, Slug
from reports.models import Service

# A confirmed Outage that a page does not know after so long is a lie by omission.
SILENT_AFTER = timedelta(minutes=30)
WELL = frozenset({"none", ""})
LATEST = 10


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


@dataclass(frozen=True, slots=True)
class Watched:
    """A Service whose vendor's page is read, how far it can be believed, and how it did so far."""

    service: Service
    face: Face
    record: LeadRecord


def everybody(now: datetime) -> list[Watched]:
    """All of them by name (three queries)."""
    rows = list(watched_services().order_by("name"))
    told = zip(rows, records(rows, now), strict=True)
    return [Watched(row, face(row, now), record) for row, record in told]


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
    vendor = vendor_of(row)
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
