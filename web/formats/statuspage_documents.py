"""The documents of Statuspage v2, field by field in its order. Pure.

The shapes are those of Atlassian Statuspage's public API v2; times are text, UTC, milliseconds.
"""

import msgspec


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """Whose status it is."""

    id: str
    name: str
    url: str
    time_zone: str
    updated_at: str


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """All in one word."""

    indicator: str
    description: str


class Component(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """A Service on the site's page, a Region on a Service's."""

    id: str
    name: str
    status: str
    created_at: str
    updated_at: str
    position: int
    description: str | None
    showcase: bool
    start_date: str | None
    group_id: str | None
    page_id: str
    group: bool
    only_show_if_degraded: bool
    components: list[str] | msgspec.UnsetType = msgspec.UNSET


class Affected(msgspec.Struct, frozen=True, kw_only=True):
    """A component whose status an update changed."""

    code: str
    name: str
    old_status: str
    new_status: str


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """One move of an Outage."""

    id: str
    status: str
    body: str
    incident_id: str
    created_at: str
    updated_at: str
    display_at: str
    affected_components: list[Affected] | None = None
    deliver_notifications: bool = True
    custom_tweet: str | None = None
    tweet_id: str | None = None


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """An Outage."""

    id: str
    name: str
    status: str
    created_at: str
    updated_at: str
    monitoring_at: str | None
    resolved_at: str | None
    impact: str
    shortlink: str
    started_at: str
    page_id: str
    incident_updates: list[Update]
    components: list[Component]
    reminder_intervals: str | None = None


class Maintenance(Incident, frozen=True, kw_only=True):
    """A vendor's announced maintenance."""

    scheduled_for: str
    scheduled_until: str


class StatusDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`status.json`."""

    page: Page
    status: Status


class ComponentsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`components.json`."""

    page: Page
    components: list[Component]


class IncidentsDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`incidents.json`, `incidents/unresolved.json`."""

    page: Page
    incidents: list[Incident]


class IncidentDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`incidents/{id}.json`."""

    page: Page
    incident: Incident


class MaintenancesDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`scheduled-maintenances.json` and its parts."""

    page: Page
    scheduled_maintenances: list[Maintenance]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """`summary.json`."""

    page: Page
    components: list[Component]
    incidents: list[Incident]
    scheduled_maintenances: list[Maintenance]
    status: Status
