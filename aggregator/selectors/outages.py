"""Outages: now, before, and how each of them went."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from msgspec import Meta

from aggregator.models import Outage, OutageEvent, OutageNote
from aggregator.models.outage import NOT_OVER
from aggregator.outage_json import (
    EventDocument,
    NoteDocument,
    OutageDocument,
    event_document,
    outage_document,
)
from aggregator.selectors import leads
from aggregator.selectors.leads import Beside
from aggregator.selectors.pages import Order
from aggregator.selectors.problems import ranked_slugs
from reports.models import Region

Id = Annotated[int, Meta(ge=0, le=2**63 - 1)]
NEWEST_FIRST = Order(("-started_at", "-id"), tuple[Annotated[datetime, Meta(tz=True)], Id])


class Standing(StrEnum):
    """Where an Outage stands; `open` is `possible` or `confirmed`."""

    OPEN = "open"
    POSSIBLE = "possible"
    CONFIRMED = "confirmed"
    OVER = "over"
    RETRACTED = "retracted"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which Outages are asked for; None asks for all.

    Attributes:
        service: a Service's slug.
        category: a Category's slug.
        region: the code of a Region that the Outage touches: its scope is worldwide, or holds
            the Region, one above it or one below it.
        state: where it stands.
        since: it was not over before this instant, aware.
        until: it began before this instant, aware.
    """

    service: str | None = None
    category: str | None = None
    region: str | None = None
    state: Standing | None = None
    since: datetime | None = None
    until: datetime | None = None


def outages(wanted: Wanted) -> QuerySet[Outage]:
    """The Outages asked for, with Service, cause and Region loaded."""
    found = Outage.objects.select_related("service__category", "cause", "region")
    if wanted.service:
        found = found.filter(service__slug=wanted.service)
    if wanted.category:
        found = found.filter(service__category__slug=wanted.category)
    if wanted.region:
        found = found.filter(Q(region_id="") | Q(regions__overlap=_line(wanted.region)))
    if wanted.state:
        found = found.filter(state__in=_states(wanted.state))
    if wanted.since:
        found = found.filter(Q(ended_at=None) | Q(ended_at__gte=wanted.since))
    return found.filter(started_at__lt=wanted.until) if wanted.until else found


def documents(
    rows: Iterable[Outage], told: Mapping[int, Beside] | None = None
) -> list[OutageDocument]:
    """Rows of `outages()` ready to show, in the same order (three queries more for all).

    Args:
        rows: with `service` and `cause` loaded.
        told: the vendors' incidents that go with them, where the caller has found them already.
    """
    found = list(rows)
    types = ranked_slugs(found)
    told = leads.beside(found, timezone.now()) if told is None else told
    site = settings.ENV.site_url
    return [
        outage_document(
            row,
            problem_types=types.get(row.pk, []),
            site_url=site,
            official=leads.document(told[row.pk]) if row.pk in told else None,
        )
        for row in found
    ]


def moves(outage_id: int) -> list[EventDocument]:
    """The moves of an Outage, oldest first. One query."""
    events = OutageEvent.objects.filter(outage_id=outage_id).select_related("cause")
    return [event_document(event) for event in events]


def notes(outage_id: int) -> list[NoteDocument]:
    """What moderators say of an Outage, oldest first. One query."""
    rows = OutageNote.objects.filter(outage_id=outage_id)
    return [NoteDocument(at=note.at, text=note.text) for note in rows]


def joined_into(outage_id: int) -> int | None:
    """The id of the Outage that one became a part of; None where it is none."""
    part = Outage.every.filter(pk=outage_id).exclude(joined_into=None)
    return part.values_list("joined_into_id", flat=True).first()


def _states(standing: Standing) -> Sequence[str]:
    return NOT_OVER if standing is Standing.OPEN else (standing.value,)


def _line(code: str) -> list[str]:
    """The codes of a Region, of those above it but the world, and of all below it."""
    family = Region.objects.filter(Q(code=code) | Q(parent_id=code) | Q(children=code))
    return [found for found in family.values_list("code", flat=True).distinct() if found]
