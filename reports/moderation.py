"""Rejecting and restoring Reports: counted ones stop to count, and the other way round.

Each act is one transaction: the Reports change, a ModerationEntry says who did it and why, and a
StaleBucket for every touched bucket tells counting to count that bucket again. Whether counting
read the Reports before or after does not matter: the StaleBucket is there as soon as the change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import QuerySet

from reports import site_settings, trail
from reports.models import ModerationEntry, Report
from reports.models.moderation import Act
from reports.selection import Selection
from reports.trail import Doing, NotUndoableError
from reports.writing import GATE

# Two acts at once would lock the same Reports in different orders; they take turns instead.
TURN = (GATE[0], 0x02)

CHANGE = """
WITH changed AS (
    UPDATE reports_report SET rejected_at = %(rejected_at)s
    WHERE id = ANY (%(ids)s) AND received_at >= %(first)s AND received_at <= %(last)s
    RETURNING service_id, region_id, problem_type_id,
        date_trunc('minute', received_at, 'UTC') AS minute
)
INSERT INTO reports_stalebucket (service_id, region_id, problem_type_id, minute)
SELECT DISTINCT service_id, region_id, problem_type_id, minute FROM changed
"""


@dataclass(frozen=True, slots=True)
class Sighting:
    """When one person reported one Service."""

    id: UUID
    person: tuple[int, bytes]
    received_at: datetime


def reject(selection: Selection, *, by: User | None, reason: str, now: datetime) -> ModerationEntry:
    """Stop counting the selected Reports. Opens a transaction.

    Args:
        selection: which; those that are rejected already stay as they are.
        by: the moderator; None when a rule did it.
        reason: in words.
        now: aware; the Reports and the entry carry it.
    """
    with transaction.atomic():
        take_turn()
        chosen = selection.among(Report.objects.filter(rejected_at=None))
        sightings = sightings_of(chosen)
        change(sightings, rejected_at=now)
        return trail.write(
            Act.REJECT,
            str(selection),
            Doing(by, reason, now),
            reports=len(sightings),
            before={"selection": selection.as_json()},
        )


def restore(
    selection: Selection, *, by: User | None, reason: str, now: datetime
) -> ModerationEntry:
    """Count the selected Reports again. Opens a transaction.

    One person still counts once in a window: a Report stays rejected when the same person has
    another counted one near it, sent after the first was rejected. Intake stands still meanwhile,
    so that none can slip in.

    Args:
        selection: which; those that are not rejected stay as they are.
        by: the moderator; None when a rule did it.
        reason: in words.
        now: aware.
    """
    chosen = selection.among(Report.objects.exclude(rejected_at=None))
    return _restore(chosen, str(selection), Doing(by, reason, now))


def undo(entry: ModerationEntry, *, by: User | None, reason: str, now: datetime) -> ModerationEntry:
    """Count again what one act of rejection took out; otherwise like `restore`.

    Raises:
        NotUndoableError: when the entry is no rejection.
        reports.trail.UndoneAlreadyError: when it was undone before.
    """
    if entry.act != Act.REJECT:
        raise NotUndoableError
    # The Reports carry the instant of the act, to the microsecond.
    chosen = Report.objects.filter(rejected_at=entry.at)
    subject = f"entry {entry.pk}: {entry.subject}"
    return _restore(chosen, subject, Doing(by, reason, now), undoes=entry)


def restorable(
    rejected: Iterable[Sighting], counted: Iterable[Sighting], window: timedelta
) -> list[Sighting]:
    """Those rejected sightings that can count again without counting a person twice (pure).

    Earlier ones go first; each that counts again keeps later ones of its window out.
    """
    times: dict[tuple[int, bytes], list[datetime]] = {}
    for sighting in counted:
        times.setdefault(sighting.person, []).append(sighting.received_at)
    chosen = []
    for sighting in sorted(rejected, key=lambda one: one.received_at):
        near = times.setdefault(sighting.person, [])
        if all(abs(sighting.received_at - time) >= window for time in near):
            near.append(sighting.received_at)
            chosen.append(sighting)
    return chosen


def _restore(
    chosen: QuerySet[Report], subject: str, doing: Doing, undoes: ModerationEntry | None = None
) -> ModerationEntry:
    with transaction.atomic():
        take_turn()
        back = bring_back(sightings_of(chosen))
        return trail.write(Act.RESTORE, subject, doing, reports=back, undoes=undoes)


def take_turn() -> None:
    """Wait until no other act changes Reports; it ends with the transaction."""
    _lock(TURN)


def bring_back(rejected: Sequence[Sighting]) -> int:
    """Count those again that double nobody; how many. Stops intake until the transaction ends."""
    _lock(GATE)
    window = timedelta(minutes=site_settings.current().dedupe_window_minutes)
    back = restorable(rejected, _counted_near(rejected, window), window)
    change(back, rejected_at=None)
    return len(back)


def _counted_near(rejected: Sequence[Sighting], window: timedelta) -> list[Sighting]:
    if not rejected:
        return []
    times = [sighting.received_at for sighting in rejected]
    return sightings_of(
        Report.objects.filter(
            fingerprint__in={sighting.person[1] for sighting in rejected},
            received_at__gt=min(times) - window,
            received_at__lt=max(times) + window,
            rejected_at=None,
        )
    )


def sightings_of(reports: QuerySet[Report]) -> list[Sighting]:
    """The Reports as the rule of one person and window sees them."""
    rows = reports.values_list("id", "service_id", "fingerprint", "received_at")
    return [
        Sighting(report_id, (service_id, bytes(fingerprint)), received_at)
        for report_id, service_id, fingerprint, received_at in rows
    ]


def change(sightings: Sequence[Sighting], *, rejected_at: datetime | None) -> None:
    """Write when Reports were rejected, and have their buckets counted again.

    Must run in a transaction that took its turn.
    """
    if not sightings:
        return
    times = [sighting.received_at for sighting in sightings]
    values: dict[str, list[UUID] | datetime | None] = {
        "ids": [sighting.id for sighting in sightings],
        "first": min(times),
        "last": max(times),
        "rejected_at": rejected_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(CHANGE, values)


def _lock(number: tuple[int, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", number)
