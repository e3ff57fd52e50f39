"""Outages, their moves and notes, and what vendors announce, in Statuspage's words. Pure."""

from datetime import datetime

from aggregator.models import OfficialIncident, Outage, OutageEvent, OutageNote
from aggregator.models.outage import EventKind, State
from aggregator.outage_json import event_document
from aggregator.statuspage_ids import Kind, id_of
from aggregator.statuspage_words import component_status as status_in
from aggregator.statuspage_words import impact_of, incident_status, stamp
from web.formats.statuspage_documents import Maintenance, Update
from web.wording import move_numbers

COMPLETED = "completed"


def component_status(outage: Outage) -> str:
    """How bad an Outage that is not over makes what it touches."""
    return status_in(outage.state, outage.region_id)


def impact(outage: Outage) -> str:
    """How bad an Outage is, or was at its worst; one that was none had none."""
    if outage.state == State.RETRACTED:
        return "none"
    worst = State.CONFIRMED if outage.confirmed_at else State.POSSIBLE
    return impact_of(worst, outage.region_id)


def incident_name(outage: Outage) -> str:
    """What an Outage is called: whose it is, and where."""
    where = f" in {outage.region.name}" if outage.region_id else ""
    what = "outage" if outage.confirmed_at else "possible outage"
    return f"{outage.service.name}: {what}{where}"


def moved_at(outage: Outage) -> datetime:
    """When an Outage last moved."""
    return max([event.at for event in outage.events.all()], default=outage.detected_at)


def countries_of(outage: Outage) -> list[str]:
    """The countries that hold an Outage's scope; none when it is the whole world.

    A worldwide Outage may name the Regions that are worst, yet it is everywhere.
    """
    if not outage.region_id:
        return []
    scope = outage.regions or [outage.region_id]
    return list(dict.fromkeys(code.partition("-")[0] for code in scope if code))


_SAID = {
    EventKind.OPENED: "More reports than usual.",
    EventKind.CONFIRMED: "Confirmed by what people report.",
    EventKind.SCOPE: "The places changed.",
    EventKind.CLOSED: "Reports are back to usual.",
    EventKind.REOPENED: "Reports rose again.",
    EventKind.AFFECTED: "Probably an effect of another service's outage.",
    EventKind.RETRACTED: "Retracted: it was no outage.",
    EventKind.CORRECTED: "Corrected.",
    EventKind.JOINED: "Taken together with another outage.",
    EventKind.SPLIT: "Told apart from what happened elsewhere.",
}


def update_of(event: OutageEvent, incident: str) -> Update:
    """A move of an Outage in a sentence or two."""
    document = event_document(event)
    said = _SAID.get(EventKind(event.kind), "") if event.kind in set(EventKind) else ""
    words = [said, move_numbers(document), document.reason]
    at = stamp(event.at)
    return Update(
        id=id_of(Kind.EVENT, event.pk),
        status=incident_status(event.to_state),
        body=" ".join(word.rstrip(".") + "." for word in words if word),
        incident_id=incident,
        created_at=at,
        updated_at=at,
        display_at=at,
    )


def note_of(note: OutageNote, outage: Outage, incident: str) -> Update:
    """A moderator's note as an update in the state of its time."""
    before = [event.to_state for event in outage.events.all() if event.at <= note.at]
    at = stamp(note.at)
    return Update(
        id=id_of(Kind.NOTE, note.pk),
        status=incident_status(before[-1] if before else outage.state),
        body=note.text,
        incident_id=incident,
        created_at=at,
        updated_at=at,
        display_at=at,
    )


def announcement(one: OfficialIncident, status: str, site_url: str) -> Maintenance:
    """A maintenance that a vendor announced, on no page and without components yet."""
    key = id_of(Kind.MAINTENANCE, one.pk)
    begins = one.scheduled_for or one.declared_at
    ends = one.scheduled_until or one.resolved_at or begins
    said = Update(
        id=id_of(Kind.ANNOUNCEMENT, one.pk),
        status=status,
        body=f"Announced by the vendor: {one.name}",
        incident_id=key,
        created_at=stamp(one.declared_at),
        updated_at=stamp(one.declared_at),
        display_at=stamp(one.declared_at),
    )
    return Maintenance(
        id=key,
        name=f"{one.service.name}: {one.name}",
        status=status,
        created_at=stamp(one.declared_at),
        updated_at=stamp(one.resolved_at or one.declared_at),
        monitoring_at=None,
        resolved_at=stamp(one.resolved_at or ends) if status == COMPLETED else None,
        impact="maintenance",
        shortlink=f"{site_url}/services/{one.service.slug}/",
        started_at=stamp(begins),
        page_id="",
        incident_updates=[said],
        components=[],
        scheduled_for=stamp(begins),
        scheduled_until=stamp(ends),
    )
