"""Rejecting and restoring Reports: counted ones stop to count, and the other way round.

Each act is one transaction: the Reports change, a ModerationEntry says who did it and why, and a
StaleBucket for every touched bucket tells counting to count that bucket again. Whether counting
read the Reports before or after does not matter: the StaleBucket is there as soon as the change.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import Q, QuerySet

from reports import geography
from reports.models import ModerationEntry, Report
from reports.models.moderation import Act
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
class Selection:
    """Which Reports an act is about: those that meet every condition given.

    `region` takes its descendants in, and "" the whole world; `since` is included, `until` is
    not, both aware; `fingerprint` and `network` are hashes as a Report has them.
    """

    service_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    region: str | None = None
    fingerprint: bytes | None = None
    network: bytes | None = None
    ids: Sequence[UUID] | None = None

    def __post_init__(self) -> None:
        """Refuse the selection of everything.

        Raises:
            ValueError: when no condition is given.
        """
        if not any(self._given()):
            message = "Give at least one condition."
            raise ValueError(message)

    def __str__(self) -> str:
        """The conditions, for the trail; hashes by their first bytes."""
        return "reports with " + ", ".join(
            f"{name.replace('_', ' ')} {_told(value)}" for name, value in self._given()
        )

    def among(self, reports: QuerySet[Report]) -> QuerySet[Report]:
        """Those of some Reports that are meant."""
        found = Q()
        lookups = {"since": "received_at__gte", "until": "received_at__lt", "ids": "id__in"}
        for name, value in self._given():
            if name == "region":
                found &= _within(str(value))
            else:
                found &= Q(**{lookups.get(name, name): value})
        return reports.filter(found)

    def _given(self) -> Iterable[tuple[str, object]]:
        values = ((one.name, getattr(self, one.name)) for one in fields(self))
        return [(name, value) for name, value in values if value is not None]


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
        _lock(TURN)
        chosen = selection.among(Report.objects.filter(rejected_at=None))
        sightings = _sightings(chosen)
        _change(sightings, rejected_at=now)
        return _entry(Act.REJECT, str(selection), sightings, by=by, reason=reason, at=now)


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
    return _restore(chosen, str(selection), by=by, reason=reason, now=now)


def undo(entry: ModerationEntry, *, by: User | None, reason: str, now: datetime) -> ModerationEntry:
    """Count again what one act of rejection took out; otherwise like `restore`.

    Raises:
        ValueError: when the entry is no rejection.
    """
    if entry.act != Act.REJECT:
        message = "Only a rejection can be undone."
        raise ValueError(message)
    # The Reports carry the instant of the act, to the microsecond.
    chosen = Report.objects.filter(rejected_at=entry.at)
    return _restore(chosen, f"entry {entry.pk}: {entry.subject}", by=by, reason=reason, now=now)


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
    chosen: QuerySet[Report],
    subject: str,
    *,
    by: User | None,
    reason: str,
    now: datetime,
) -> ModerationEntry:
    window = timedelta(minutes=settings.ENV.dedupe_window_minutes)
    with transaction.atomic():
        _lock(TURN)
        _lock(GATE)
        rejected = _sightings(chosen)
        back = restorable(rejected, _counted_near(rejected, window), window)
        _change(back, rejected_at=None)
        return _entry(Act.RESTORE, subject, back, by=by, reason=reason, at=now)


def _counted_near(rejected: Sequence[Sighting], window: timedelta) -> list[Sighting]:
    if not rejected:
        return []
    times = [sighting.received_at for sighting in rejected]
    return _sightings(
        Report.objects.filter(
            fingerprint__in={sighting.person[1] for sighting in rejected},
            received_at__gt=min(times) - window,
            received_at__lt=max(times) + window,
            rejected_at=None,
        )
    )


def _sightings(reports: QuerySet[Report]) -> list[Sighting]:
    rows = reports.values_list("id", "service_id", "fingerprint", "received_at")
    return [
        Sighting(report_id, (service_id, bytes(fingerprint)), received_at)
        for report_id, service_id, fingerprint, received_at in rows
    ]


def _change(sightings: Sequence[Sighting], *, rejected_at: datetime | None) -> None:
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


def _entry(  # noqa: PLR0913 - the columns of the row
    act: Act,
    subject: str,
    sightings: Sequence[Sighting],
    *,
    by: User | None,
    reason: str,
    at: datetime,
) -> ModerationEntry:
    return ModerationEntry.objects.create(
        act=act, at=at, by=by, reason=reason, subject=subject, reports=len(sightings)
    )


def _lock(number: tuple[int, int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", number)


def _within(region: str) -> Q:
    """A Region and its descendants; for the world every Report, also those of unknown place."""
    return Q(region_id__in=[region, *geography.descendants(region)]) if region else Q()


def _told(value: object) -> str:
    if isinstance(value, bytes):
        return f"{value.hex()[:8]}…"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"{len(value)} given"
    return str(value) or "world"
