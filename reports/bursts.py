"""Bursts: found by a tick, kept as flags, dismissed or rejected by a moderator."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import QuerySet

from reports import burst_rule, trail
from reports.models import Burst, Comment, ModerationEntry, Report
from reports.models.moderation import Act, BurstKind, BurstState
from reports.selection import Selection
from reports.trail import Doing, NotUndoableError

log = structlog.get_logger(__name__)

WINDOW = timedelta(minutes=10)
# What was dismissed stays so for its networks as long as their hashes do.
DISMISSED_FOR = timedelta(days=1)
MOST_COMMENTS = 300
TURN = (0x0C, 0x03)

# One look into the index by Service and time for each Service, not a walk over everybody's.
LOUD = """
SELECT service.id, report.network, report.reports
FROM reports_service AS service CROSS JOIN LATERAL (
    SELECT network, count(*) AS reports FROM reports_report
    WHERE service_id = service.id AND received_at >= %(since)s AND received_at < %(until)s
        AND received_at >= coalesce((
            SELECT max(until) FROM reports_burst
            WHERE service_id = service.id AND kind = 'networks' AND state = 'rejected'
        ), '-infinity')
        AND rejected_at IS NULL
    GROUP BY network HAVING count(*) >= %(loud)s
) AS report
"""
SPAN = """
SELECT min(minute), max(minute) + interval '1 minute', sum(reports), max(reports) FROM (
    SELECT date_trunc('minute', received_at, 'UTC') AS minute, count(*) AS reports
    FROM reports_report
    WHERE service_id = %(service)s AND received_at >= %(since)s AND received_at < %(until)s
        AND rejected_at IS NULL
        AND (network = ANY (%(networks)s) OR id = ANY (%(ids)s))
    GROUP BY 1
) AS minutes
"""


@dataclass(frozen=True, slots=True)
class Found:
    """What looks made: of one Service, by its networks or by its Reports' words."""

    service_id: int
    kind: BurstKind
    networks: Sequence[bytes] = ()
    ids: Sequence[UUID] = ()
    example: str = field(default="", compare=False)


def find(now: datetime) -> int:
    """Flag what looks made in the last minutes, or let a flag grow; how many there are.

    Opens a transaction. Any number of workers may call it at once; one does it.

    Args:
        now: aware.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", TURN)
        if not cursor.fetchone()[0]:
            return 0
        found = [*_by_networks(now), *_by_words(now)]
        return sum(_keep(one, now) for one in found)


def dismiss(burst_id: int, doing: Doing) -> ModerationEntry:
    """Say that a burst is honest; its networks are not flagged again that day.

    Opens a transaction.

    Raises:
        NotUndoableError: when it is not open any more.
    """
    return _settle(burst_id, BurstState.OPEN, BurstState.DISMISSED, doing)


def undo(entry: ModerationEntry, doing: Doing) -> ModerationEntry:
    """Put a dismissed burst back into the queue. Opens a transaction.

    Raises:
        NotUndoableError: when the act was another one, or the burst was settled since.
        reports.trail.UndoneAlreadyError: when it was undone before.
    """
    if entry.act != Act.DISMISS:
        raise NotUndoableError
    burst_id = int(entry.before["burst"])
    return _settle(burst_id, BurstState.DISMISSED, BurstState.OPEN, doing, undoes=entry)


def selection_of(burst: Burst) -> Selection:
    """The Reports of a burst."""
    if burst.kind == BurstKind.COMMENTS:
        return Selection(ids=[UUID(one) for one in burst.ids], service_id=burst.service_id)
    return Selection(
        service_id=burst.service_id,
        since=burst.since,
        until=burst.until,
        networks=[bytes.fromhex(one) for one in burst.networks],
    )


def reports_of(burst: Burst) -> QuerySet[Report]:
    """The Reports of a burst, rejected ones too."""
    return selection_of(burst).among(Report.objects.all())


def _by_networks(now: datetime) -> list[Found]:
    values: dict[str, datetime | int] = {
        "since": now - WINDOW,
        "until": now,
        "loud": burst_rule.LOUD,
    }
    with connection.cursor() as cursor:
        cursor.execute(LOUD, values)
        rows = cursor.fetchall()
    counts: dict[int, dict[bytes, int]] = {}
    for service_id, network, reports in rows:
        counts.setdefault(service_id, {})[bytes(network)] = reports
    trusted = _dismissed(BurstKind.NETWORKS, now) if counts else {}
    found = []
    for service_id, of_service in counts.items():
        known = trusted.get(service_id, set())
        fresh = {one: count for one, count in of_service.items() if one.hex() not in known}
        if networks := burst_rule.loud_networks(fresh):
            found.append(Found(service_id, BurstKind.NETWORKS, networks=networks))
    return found


def _by_words(now: datetime) -> list[Found]:
    rows = Comment.objects.filter(received_at__gte=now - WINDOW, received_at__lt=now)
    texts: dict[int, list[tuple[UUID, str]]] = {}
    newest = rows.order_by("-received_at").values_list("service_id", "id", "text")
    for service_id, report_id, text in newest[: MOST_COMMENTS * 10]:
        mine = texts.setdefault(service_id, [])
        if len(mine) < MOST_COMMENTS:
            mine.append((report_id, text))
    trusted = _dismissed(BurstKind.COMMENTS, now) if texts else {}
    found = []
    for service_id, mine in texts.items():
        known = trusted.get(service_id, set())
        fresh = [(key, text) for key, text in mine if str(key) not in known]
        if group := burst_rule.alike([text for _, text in fresh]):
            ids = [fresh[index][0] for index in group]
            example = fresh[group[0]][1]
            found.append(Found(service_id, BurstKind.COMMENTS, ids=ids, example=example))
    return found


def _dismissed(kind: BurstKind, now: datetime) -> dict[int, set[str]]:
    """By Service, the networks or Reports that moderators settled lately."""
    states = [BurstState.DISMISSED]
    if kind == BurstKind.COMMENTS:
        states.append(BurstState.REJECTED)
    rows = Burst.objects.filter(kind=kind, state__in=states, until__gt=now - DISMISSED_FOR)
    settled: dict[int, set[str]] = {}
    for service_id, networks, ids in rows.values_list("service_id", "networks", "ids"):
        settled.setdefault(service_id, set()).update(networks, ids)
    return settled


def _keep(found: Found, now: datetime) -> bool:
    """Write a burst down: the one that waits already grows, however long it lasts."""
    burst = Burst.objects.filter(
        service_id=found.service_id, kind=found.kind, state=BurstState.OPEN
    ).first() or Burst(service_id=found.service_id, kind=found.kind, since=now, found_at=now)
    is_new = burst.pk is None
    burst.networks = sorted({*burst.networks, *(one.hex() for one in found.networks)})
    burst.ids = sorted({*burst.ids, *(str(one) for one in found.ids)})
    burst.example = found.example or burst.example
    with connection.cursor() as cursor:
        cursor.execute(
            SPAN,
            {
                "service": found.service_id,
                "since": min(burst.since, now - WINDOW),
                "until": now,
                "networks": [bytes.fromhex(one) for one in burst.networks],
                "ids": [UUID(one) for one in burst.ids],
            },
        )
        since, until, reports, peak = cursor.fetchone()
    if not reports:
        return False
    burst.since, burst.until, burst.reports, burst.peak = since, until, reports, peak
    burst.save()
    if is_new:
        log.info("burst.flagged", service=burst.service_id, kind=burst.kind, reports=reports)
    return True


def _settle(
    burst_id: int,
    from_state: BurstState,
    to_state: BurstState,
    doing: Doing,
    undoes: ModerationEntry | None = None,
) -> ModerationEntry:
    with transaction.atomic():
        burst = Burst.objects.select_for_update(of=("self",)).select_related("service")
        one = burst.filter(pk=burst_id, state=from_state).first()
        open_ones = Burst.objects.filter(state=BurstState.OPEN).exclude(pk=burst_id)
        if one is None or (
            to_state == BurstState.OPEN
            and open_ones.filter(service=one.service_id, kind=one.kind).exists()
        ):
            raise NotUndoableError
        one.state = to_state
        one.save(update_fields=["state"])
        act = Act.UNDO if undoes else Act.DISMISS
        return trail.write(
            act, f"burst {one.pk}: {one}", doing, before={"burst": one.pk}, undoes=undoes
        )
