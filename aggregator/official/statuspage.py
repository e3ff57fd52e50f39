"""Reads Statuspage v2 (`/api/v2/summary.json`, `/api/v2/incidents.json`). Pure."""

from datetime import datetime
from typing import TypeVar

import msgspec

from aggregator.official.reading import (
    LONGEST_BODY,
    MOST_COMPONENTS,
    MOST_INCIDENTS,
    MOST_UPDATES,
    OVER,
    BadAnswerError,
    Component,
    Incident,
    Reading,
    Update,
    clean,
    instant,
)

T = TypeVar("T")
SUMMARY_PATH = "/api/v2/summary.json"
HISTORY_PATH = "/api/v2/incidents.json"


class _Update(msgspec.Struct):
    id: str
    created_at: datetime
    status: str = ""
    body: str | None = None


class _Incident(msgspec.Struct):
    id: str
    name: str
    status: str
    created_at: datetime
    impact: str | None = None
    shortlink: str | None = None
    resolved_at: datetime | None = None
    scheduled_for: datetime | None = None
    scheduled_until: datetime | None = None
    incident_updates: list[_Update] = []


class _Component(msgspec.Struct):
    id: str
    name: str
    status: str
    group: bool | None = False


class _Status(msgspec.Struct):
    indicator: str
    description: str = ""


class _Summary(msgspec.Struct):
    status: _Status
    components: list[_Component] = []
    incidents: list[_Incident] = []
    scheduled_maintenances: list[_Incident] = []


class _History(msgspec.Struct):
    incidents: list[_Incident]


def read(summary: bytes, history: bytes | None = None) -> Reading:
    """What a page says.

    Args:
        summary: its `summary.json`, which names only what is not over.
        history: its `incidents.json`, which says how things ended.

    Raises:
        BadAnswerError: when one of them is not what it should be.
    """
    now = _decoded(summary, _Summary)
    past = _decoded(history, _History).incidents if history else []
    # The summary is read last: of an incident that both hold, it has the newer word.
    incidents = {one.id: _incident(one) for one in past[:MOST_INCIDENTS]}
    incidents |= {one.id: _incident(one) for one in now.incidents[:MOST_INCIDENTS]}
    for one in now.scheduled_maintenances[:MOST_INCIDENTS]:
        incidents[one.id] = _incident(one, is_maintenance=True)
    return Reading(
        indicator=clean(now.status.indicator),
        description=clean(now.status.description),
        incidents=tuple(incidents.values()),
        components=tuple(
            Component(clean(one.id), clean(one.name), clean(one.status))
            for one in now.components[:MOST_COMPONENTS]
            if not one.group
        ),
    )


def _incident(one: _Incident, *, is_maintenance: bool = False) -> Incident:
    updates = tuple(
        Update(
            clean(update.id),
            clean(update.status),
            clean(update.body or "", LONGEST_BODY),
            instant(update.created_at),
        )
        for update in one.incident_updates[:MOST_UPDATES]
    )
    said = [update.posted_at for update in updates]
    is_over = one.status in OVER
    ended = one.resolved_at or (max(said) if said else one.created_at)
    return Incident(
        key=clean(one.id),
        name=clean(one.name),
        status=clean(one.status),
        declared_at=min(said) if said else instant(one.created_at),
        impact=clean(one.impact or ""),
        url=clean(one.shortlink or ""),
        is_maintenance=is_maintenance or one.impact == "maintenance",
        resolved_at=instant(ended) if is_over else None,
        scheduled_for=one.scheduled_for and instant(one.scheduled_for),
        scheduled_until=one.scheduled_until and instant(one.scheduled_until),
        updates=updates,
    )


def _decoded(body: bytes, shape: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadAnswerError(f"not Statuspage v2: {error}") from error
