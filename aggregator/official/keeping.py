"""Writes down what a look at a vendor's page told: what is new gets our time of first seeing."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from aggregator.models import (
    OfficialComponentState,
    OfficialIncident,
    OfficialPage,
    OfficialUpdate,
)
from aggregator.official.reading import Component, Incident, Reading

GONE = "gone"
# What a vendor may change its mind about; when it declared an incident is not among it.
_CHANGING = (
    "name",
    "status",
    "impact",
    "url",
    "is_maintenance",
    "resolved_at",
    "scheduled_for",
    "scheduled_until",
)


def keep(page: OfficialPage, reading: Reading, seen_before: datetime | None, now: datetime) -> bool:
    """Write a look down whole, unless somebody else took the page after our lease ran out.

    Opens a transaction. Saves the page's row as given, with what the reading says of it.

    Args:
        page: as leased, with what the answer says of itself (its validators) already set.
        reading: what it said.
        seen_before: the last good look before this one, aware.
        now: when it was seen, aware.
    """
    with transaction.atomic():
        mine = OfficialPage.objects.select_for_update().filter(pk=page.pk, attempts=page.attempts)
        if not mine.exists():
            return False
        incidents = {one.key: one for one in reading.incidents}
        known = _known(page, incidents)
        for one in incidents.values():
            row = known.get(one.key) or _made(page, one, seen_before, now)
            _keep_incident(row, one, now)
        _close_the_gone([row for key, row in known.items() if key not in incidents], now)
        _keep_components(page, reading.components, now)
        page.indicator, page.description = reading.indicator, reading.description
        page.save()
    return True


def _known(page: OfficialPage, incidents: Iterable[str]) -> dict[str, OfficialIncident]:
    """The rows of what is named, and of all that was open."""
    rows = OfficialIncident.objects.filter(service=page.service_id)
    found = [*rows.filter(key__in=list(incidents)), *rows.filter(resolved_at=None)]
    return {row.key: row for row in found}


def _made(
    page: OfficialPage, seen: Incident, seen_before: datetime | None, now: datetime
) -> OfficialIncident:
    return OfficialIncident.objects.create(
        service_id=page.service_id,
        key=seen.key,
        declared_at=seen.declared_at,
        first_seen_at=now,
        not_before=seen_before,
        **_changing(seen),
    )


def _keep_incident(row: OfficialIncident, seen: Incident, now: datetime) -> None:
    changed = {
        name: value for name, value in _changing(seen).items() if getattr(row, name) != value
    }
    if changed:
        for name, value in changed.items():
            setattr(row, name, value)
        row.save(update_fields=list(changed))
    OfficialUpdate.objects.bulk_create(
        [
            OfficialUpdate(
                incident=row,
                key=update.key,
                status=update.status,
                body=update.body,
                posted_at=update.posted_at,
                first_seen_at=now,
            )
            for update in seen.updates
        ],
        ignore_conflicts=True,
    )


def _changing(seen: Incident) -> dict[str, str | bool | datetime | None]:
    return {name: getattr(seen, name) for name in _CHANGING}


def _close_the_gone(rows: Iterable[OfficialIncident], now: datetime) -> None:
    """What was open and is no longer on the page is over; its end is when we saw that."""
    for row in rows:
        row.resolved_at, row.status = now, GONE
        row.save(update_fields=["resolved_at", "status"])


def _keep_components(page: OfficialPage, seen: Iterable[Component], now: datetime) -> None:
    current = OfficialComponentState.objects.filter(service=page.service_id, ended_at=None)
    before = {row.key: row for row in current}
    after = {one.key: one for one in seen}
    ended = [
        row.pk
        for key, row in before.items()
        if key not in after or (row.status, row.name) != (after[key].status, after[key].name)
    ]
    # Ended before the next begins: at most one state of a part holds now.
    OfficialComponentState.objects.filter(pk__in=ended).update(ended_at=now)
    OfficialComponentState.objects.bulk_create(
        [
            OfficialComponentState(
                service_id=page.service_id,
                key=one.key,
                name=one.name,
                status=one.status,
                first_seen_at=now,
            )
            for one in after.values()
            if one.key not in before or before[one.key].pk in ended
        ]
    )
