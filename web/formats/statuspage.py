"""The Statuspage v2 face of what people report. Pure: a Scene in, documents out.

Status, components and unresolved incidents are all made of the same list of Outages, so they
cannot contradict each other. A warning (`possible`) is degraded performance; trouble in some
Regions is a partial outage; trouble in most, a major one. The shapes are those of Atlassian
Statuspage's public API v2.
"""

from collections.abc import Mapping, Sequence

import msgspec

from aggregator.models import OfficialIncident, Outage
from aggregator.outage_json import outage_url
from aggregator.selectors.scene import MOST, Scene
from aggregator.statuspage_ids import Kind, id_of, region_key
from aggregator.statuspage_words import (
    DEGRADED,
    MAJOR,
    OPERATIONAL,
    PARTIAL,
    incident_status,
    stamp,
)
from reports.models import Service
from web.formats.statuspage_documents import (
    Component,
    ComponentsDocument,
    Incident,
    IncidentDocument,
    IncidentsDocument,
    Maintenance,
    MaintenancesDocument,
    Page,
    Status,
    StatusDocument,
    Summary,
)
from web.formats.statuspage_outages import (
    COMPLETED,
    announcement,
    component_status,
    countries_of,
    impact,
    incident_name,
    moved_at,
    note_of,
    update_of,
)

MAINTAINED = "under_maintenance"
_WORST_LAST = (OPERATIONAL, MAINTAINED, DEGRADED, PARTIAL, MAJOR)
_INDICATOR = {
    OPERATIONAL: "none",
    MAINTAINED: "maintenance",
    DEGRADED: "minor",
    PARTIAL: "major",
    MAJOR: "critical",
}
_DESCRIPTION = {
    "none": "All Systems Operational",
    "maintenance": "Service Under Maintenance",
    "minor": "Partially Degraded Service",
    "major": "Partial System Outage",
    "critical": "Major Service Outage",
}
_SCHEDULED, _IN_PROGRESS = "scheduled", "in_progress"


class Face:
    """The documents of one page: of the whole site, or of one of its Services.

    Args:
        scene: what is going on.
        site_name: what the site calls itself.
        site_url: its address without a slash at its end.
        is_site: whether components are Services; else the Scene has one, and they are Regions.
    """

    def __init__(self, scene: Scene, site_name: str, site_url: str, *, is_site: bool) -> None:
        """Work out the status of every component."""
        self._scene = scene
        self._site_url = site_url
        self._is_site = is_site
        one = None if is_site else scene.services[0]
        self._page_id = id_of(Kind.PAGE, one.pk if one else 0)
        self._name = one.name if one else site_name
        self._url = f"{site_url}/services/{one.slug}/" if one else f"{site_url}/"
        self._components = self._services() if is_site else self._regions()
        self._by_key = {component.id: component for component in self._components}

    # -- documents ---------------------------------------------------------------------------

    def page(self) -> Page:
        """Whose page it is; `updated_at` is the last move of any Outage."""
        moved = [moved_at(one) for one in self._scene.outages]
        made = [one.created_at for one in self._scene.services]
        latest = max([*moved, *made], default=self._scene.at)
        return Page(
            id=self._page_id,
            name=self._name,
            url=self._url,
            time_zone="Etc/UTC",
            updated_at=stamp(latest),
        )

    def status(self) -> Status:
        """The worst of all components; a site is critical only when half of it is."""
        states = [part.status for part in self._components if not part.group]
        worst = max(states, key=_WORST_LAST.index, default=OPERATIONAL)
        if self._is_site and worst == MAJOR and 2 * states.count(MAJOR) < len(states):
            worst = PARTIAL
        indicator = _INDICATOR[worst]
        return Status(indicator=indicator, description=_DESCRIPTION[indicator])

    def summary(self) -> Summary:
        """All in one."""
        return Summary(
            page=self.page(),
            components=self._components,
            incidents=self.unresolved().incidents,
            scheduled_maintenances=self._maintenances(_SCHEDULED, _IN_PROGRESS),
            status=self.status(),
        )

    def status_document(self) -> StatusDocument:
        """The status alone."""
        return StatusDocument(page=self.page(), status=self.status())

    def components(self) -> ComponentsDocument:
        """The components alone."""
        return ComponentsDocument(page=self.page(), components=self._components)

    def incidents(self) -> IncidentsDocument:
        """The latest incidents, over or not."""
        found = [self.incident(one) for one in self._scene.outages[:MOST]]
        return IncidentsDocument(page=self.page(), incidents=found)

    def unresolved(self) -> IncidentsDocument:
        """All that are not over."""
        found = [self.incident(one) for one in self._scene.open_outages()]
        return IncidentsDocument(page=self.page(), incidents=found)

    def maintenances(self, *states: str) -> MaintenancesDocument:
        """Maintenances that are in some states; in any when none is named."""
        return MaintenancesDocument(
            page=self.page(), scheduled_maintenances=self._maintenances(*states)
        )

    def incident_document(self, outage: Outage) -> IncidentDocument:
        """One incident."""
        return IncidentDocument(page=self.page(), incident=self.incident(outage))

    # -- incidents ---------------------------------------------------------------------------

    def incident(self, outage: Outage) -> Incident:
        """An Outage with its moves, the newest first."""
        key = id_of(Kind.OUTAGE, outage.pk)
        updates = [update_of(event, key) for event in outage.events.all()]
        updates += [note_of(note, outage, key) for note in outage.notes.all()]
        # Of the moves of one instant the last made comes first, so it is the one that holds.
        updates.sort(key=lambda update: update.created_at)
        updates.reverse()
        return Incident(
            id=key,
            name=incident_name(outage),
            status=incident_status(outage.state),
            created_at=stamp(outage.detected_at),
            updated_at=stamp(moved_at(outage)),
            monitoring_at=None,
            resolved_at=stamp(outage.ended_at) if outage.ended_at else None,
            impact=impact(outage),
            shortlink=outage_url(outage.pk, self._site_url),
            started_at=stamp(outage.started_at),
            page_id=self._page_id,
            incident_updates=updates,
            components=self._touched(outage),
        )

    def _touched(self, outage: Outage) -> list[Component]:
        if self._is_site:
            keys = [id_of(Kind.SERVICE, outage.service_id)]
        else:
            keys = [id_of(Kind.REGION, region_key(code)) for code in countries_of(outage)]
        return [self._by_key[key] for key in keys if key in self._by_key]

    # -- components --------------------------------------------------------------------------

    def _services(self) -> list[Component]:
        states = {one.service_id: component_status(one) for one in self._scene.open_outages()}
        maintained = {one.service_id for one in self._maintained_now()}
        parts: list[Component] = []
        groups: dict[int, list[str]] = {}
        for number, one in enumerate(self._scene.services, 1):
            calm = MAINTAINED if one.pk in maintained else OPERATIONAL
            part = self._component(
                id_of(Kind.SERVICE, one.pk),
                (one.name, states.get(one.pk, calm)),
                number,
                one,
                group_id=id_of(Kind.CATEGORY, one.category_id),
            )
            parts.append(part)
            groups.setdefault(one.category_id, []).append(part.id)
        return [*self._shelves(groups, parts), *parts]

    def _shelves(
        self, groups: Mapping[int, list[str]], parts: Sequence[Component]
    ) -> list[Component]:
        """A group for each Category, as bad as its worst Service."""
        states = {part.id: part.status for part in parts}
        first = {one.category_id: one for one in reversed(self._scene.services)}
        return [
            msgspec.structs.replace(
                self._component(
                    id_of(Kind.CATEGORY, key),
                    (
                        first[key].category.name,
                        max((states[one] for one in members), key=_WORST_LAST.index),
                    ),
                    number,
                    first[key],
                ),
                group=True,
                components=members,
            )
            for number, (key, members) in enumerate(groups.items(), 1)
        ]

    def _regions(self) -> list[Component]:
        """The countries; those that an open Outage touches are as bad as it says."""
        (one,) = self._scene.services
        worst: dict[str, str] = {}
        everywhere = MAINTAINED if self._maintained_now() else OPERATIONAL
        for outage in self._scene.open_outages():
            codes = countries_of(outage)
            if not codes:
                everywhere = component_status(outage)
            for code in codes:
                worst[code] = component_status(outage)
        return [
            self._component(
                id_of(Kind.REGION, region_key(code)),
                (name, max(worst.get(code, everywhere), everywhere, key=_WORST_LAST.index)),
                number,
                one,
            )
            for number, (code, name) in enumerate(self._scene.countries, 1)
        ]

    def _component(
        self,
        key: str,
        told: tuple[str, str],
        position: int,
        service: Service,
        *,
        group_id: str | None = None,
    ) -> Component:
        name, status = told
        moved = [moved_at(one) for one in self._scene.outages if one.service_id == service.pk]
        return Component(
            id=key,
            name=name,
            status=status,
            created_at=stamp(service.created_at),
            updated_at=stamp(max(moved, default=service.created_at)),
            position=position,
            description=None,
            showcase=True,
            start_date=None,
            group_id=group_id,
            page_id=self._page_id,
            group=False,
            only_show_if_degraded=False,
        )

    # -- maintenances ------------------------------------------------------------------------

    def _maintained_now(self) -> list[OfficialIncident]:
        return [one for one in self._scene.maintenances if self._progress(one) == _IN_PROGRESS]

    def _progress(self, one: OfficialIncident) -> str:
        now = self._scene.at
        if one.resolved_at or (one.scheduled_until and one.scheduled_until <= now):
            return COMPLETED
        return _SCHEDULED if one.scheduled_for and one.scheduled_for > now else _IN_PROGRESS

    def _maintenances(self, *states: str) -> list[Maintenance]:
        return [
            self._maintenance(one)
            for one in self._scene.maintenances
            if not states or self._progress(one) in states
        ]

    def _maintenance(self, one: OfficialIncident) -> Maintenance:
        component = self._by_key.get(id_of(Kind.SERVICE, one.service_id))
        said = announcement(one, self._progress(one), self._site_url)
        touched = [component] if component else []
        return msgspec.structs.replace(said, page_id=self._page_id, components=touched)
