"""Counting: every Report into its Minute exactly once, whatever crashes or runs twice.

The CountingMark holds a transaction id. Every Report written by a transaction before it is
counted, no other is. One call takes the Reports from the mark up to the oldest transaction that
still runs (`pg_snapshot_xmin`): all before that one have ended, so no Report can turn up among
them later. It adds their groups and moves the mark in one transaction: both happen or neither.

A moderator changes Reports whether they are counted or not; the StaleBuckets written in the same
transaction have their Minutes counted again. If counting does not see the change yet, it does
not see the StaleBuckets either, and a later call sees both.

Transaction ids mean something in one database cluster only. After a dump and restore into
another, everything that still has Reports is counted again and the mark set afresh.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog
from django.db import connection, transaction

from aggregator import corrections, counting_mark, rollups
from aggregator.counting_mark import Mark
from aggregator.rollups import Change, Spans
from aggregator.steps import MINUTE
from reports import partitions

log = structlog.get_logger(__name__)

BATCH_REPORTS = 200_000
BATCH_MINUTES = 10_000
CATCH_UP_SECONDS = 60
# A Report is durable some milliseconds after it was received. Who looks at a Minute this long
# after its end has hardly ever to look again.
SETTLING = timedelta(seconds=2)

# Services and Minutes.
Stale = frozenset[tuple[int, datetime]]


@dataclass(frozen=True, slots=True)
class CountingResult:
    """What one call of `count` did.

    Attributes:
        counted: Reports added.
        recounted: counts put right after moderation or a restore.
        counted_until: Reports received before this are counted, unless still being written.
        is_behind: whether there is more to do at once.
    """

    counted: int
    recounted: int
    counted_until: datetime
    is_behind: bool


def count(now: datetime) -> CountingResult | None:
    """Count what is new and recount what moderation changed; None when somebody else does.

    Opens one transaction, and must not run inside another: its statements need their own
    snapshots. Takes about `BATCH_REPORTS` Reports (whole transactions, however large) and at
    most `BATCH_MINUTES` StaleBuckets.

    Args:
        now: aware; with the database's clock the upper limit of `counted_until`.
    """
    rollups.follow_reports()
    with transaction.atomic():
        mark = counting_mark.lock()
        return _count_from(mark, now) if mark else None


def catch_up(now: datetime, clock: Callable[[], float] = time.monotonic) -> CountingResult | None:
    """Call `count` until nothing is left, or for a minute; its last result."""
    deadline = clock() + CATCH_UP_SECONDS
    result = count(now)
    while result and result.is_behind and clock() < deadline:
        result = count(now)
    return result


@dataclass(frozen=True, slots=True)
class _Batch:
    """How far one call goes.

    Attributes:
        upper: the first transaction that is left.
        is_cut: whether it is full, so that more could be taken at once.
        waiting_since: when the first of the Reports that still have to wait was received; None
            without any.
    """

    upper: int
    is_cut: bool
    waiting_since: datetime | None


def _count_from(mark: Mark, now: datetime) -> CountingResult:
    restored = Change(0, None)
    if mark.is_foreign:
        mark, restored = start_afresh(mark)
    batch = _next_batch(mark.transaction)
    added = rollups.add(mark.transaction, batch.upper)
    recounted, stale, is_all = _recount_stale(batch.upper)
    counted_until = mark.counted_until
    if not batch.is_cut:
        latest = min(now, mark.clock) - SETTLING
        counted_until = max(counted_until, min(latest, batch.waiting_since or latest))
    before, mark = mark, counting_mark.revised(mark, restored + added + recounted)
    if mark.revision != before.revision:
        corrections.note(mark.revision, stale)
    counting_mark.write(replace(mark, transaction=batch.upper, counted_until=counted_until))
    return CountingResult(
        counted=added.rows,
        recounted=restored.rows + recounted.rows,
        counted_until=counted_until,
        is_behind=batch.is_cut or not is_all,
    )


_NEXT_BATCH = """
WITH ended AS MATERIALIZED (SELECT pg_snapshot_xmin(pg_current_snapshot()) AS before),
ahead AS MATERIALIZED (
    SELECT transaction, received_at FROM reports_report
    WHERE transaction >= %(first)s ORDER BY transaction LIMIT %(size)s
)
SELECT (SELECT before FROM ended),
    count(*) FILTER (WHERE transaction < (SELECT before FROM ended)),
    max(transaction) FILTER (WHERE transaction < (SELECT before FROM ended)),
    min(received_at) FILTER (WHERE transaction >= (SELECT before FROM ended))
FROM ahead
"""


def _next_batch(first: int) -> _Batch:
    """The transactions to take now; all before `upper` have ended and stay as they are.

    The Report that fills the batch has its transaction taken whole, so there is always progress.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_BATCH, {"first": str(first), "size": BATCH_REPORTS})
        ended_before, number, last, waiting_since = cursor.fetchone()
    is_cut = number == BATCH_REPORTS
    return _Batch(int(last) + 1 if is_cut else int(ended_before), is_cut, waiting_since)


_TAKE_STALE = """
DELETE FROM reports_stalebucket WHERE id IN (
    SELECT id FROM reports_stalebucket ORDER BY id LIMIT %s
) RETURNING service_id, minute
"""


def _recount_stale(before: int) -> tuple[Change, Stale, bool]:
    """Recount and remove StaleBuckets; also which, and whether that were all of them.

    The recount is a later statement than the removal, so it sees every change that came with
    the removed rows. A StaleBucket whose Reports have expired meanwhile is dropped: its count
    stays as it was when they went.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_STALE, [BATCH_MINUTES])
        stale = cursor.fetchall()
    if not stale:
        return Change(0, None), frozenset(), True
    rollups.keep_reports()
    days = set(partitions.days(rollups.REPORTS))
    known = frozenset(
        (key, minute) for key, minute in stale if minute.astimezone(UTC).date() in days
    )
    change = rollups.recount(Spans(known, MINUTE.width), before)
    return change, known, len(stale) < BATCH_MINUTES


def start_afresh(mark: Mark) -> tuple[Mark, Change]:
    """Count everything that still has Reports as of a new mark of this cluster.

    Reports that carry transaction ids from this cluster's future came from another; they get
    the id 0, so that they are before any mark. Must run under the CountingMark's lock. Takes
    seconds for each 100,000 Reports; `manage.py recount` does it without a tick's time limit.
    """
    rollups.keep_reports()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())")
        oldest = cursor.fetchone()[0]
        # Seen by this statement, hence ended: counted below whoever wrote them.
        cursor.execute(
            "UPDATE reports_report SET transaction = '0' WHERE transaction >= %s", [oldest]
        )
    change = Change(0, None)
    for day in partitions.days(rollups.REPORTS):
        change += rollups.recount(rollups.whole_day(day), int(oldest))
    log.info("counts.made_anew", cluster=mark.here, before=mark.cluster, put_right=change.rows)
    return replace(mark, transaction=int(oldest), cluster=mark.here), change
