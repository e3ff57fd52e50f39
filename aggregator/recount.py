"""Recounting by hand: proving that the counts are right, and repairing them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from aggregator import counting, counting_mark, rollups
from aggregator.counting_mark import Mark
from aggregator.rollups import Change, Difference
from aggregator.steps import MINUTE, SOCIAL, STEPS
from reports import partitions


class NothingCountedError(RuntimeError):
    """Nothing was counted in this database cluster yet, so there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class DayCheck:
    """What is wrong with one UTC day.

    Attributes:
        differences: the first ones of each table of counts.
        number: how many there are in all.
    """

    differences: list[Difference]
    number: int


def days(first: date, last: date) -> list[date]:
    """The UTC days from `first` to `last`, both included, that can be checked, oldest first."""
    kept = {*partitions.days(rollups.REPORTS), *partitions.days(MINUTE.table)}
    return sorted(day for day in kept if first <= day <= last)


@contextmanager
def snapshot() -> Iterator[Mark]:
    """A read-only transaction that sees one instant, while everything else goes on.

    Yields:
        The CountingMark of that instant.

    Raises:
        NothingCountedError: when there is none of this cluster.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # The snapshot is taken after this, so no partition is dropped between the two.
        cursor.execute("LOCK TABLE reports_report, aggregator_minutecount IN ACCESS SHARE MODE")
        mark = counting_mark.read()
        if mark is None or mark.is_foreign:
            raise NothingCountedError
        yield mark


def check_day(day: date, mark: Mark, limit: int) -> DayCheck:
    """Compare a day's Minutes and posts with its Reports, if it has some, and its roll-ups.

    Must run inside `snapshot`.
    """
    spans = rollups.whole_day(day)
    has_reports = day in partitions.days(rollups.REPORTS)
    found: list[Difference] = []
    number = 0
    for step in (*STEPS, SOCIAL) if has_reports else STEPS[1:]:
        some, all_of_them = rollups.differences(step, spans, mark.transaction, limit)
        found += some
        number += all_of_them
    return DayCheck(found, number)


def strangers() -> int:
    """How many Reports carry transaction ids of the future, and so wait to be counted in vain.

    They come from another cluster: copied in past a full restore.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM reports_report"
            " WHERE transaction >= pg_snapshot_xmax(pg_current_snapshot())"
        )
        return int(cursor.fetchone()[0])


def repair_day(day: date) -> Change:
    """Set a day's counts to what its Reports say, if it has some, and its roll-ups.

    Opens a transaction. Counting goes on before and after it, but not meanwhile.
    """
    with transaction.atomic():
        mark = counting_mark.lock(waiting=True)
        if mark is None:
            raise NothingCountedError
        if mark.is_foreign:
            mark, _ = counting.start_afresh(mark)
        rollups.keep_reports()
        spans = rollups.whole_day(day)
        if day in partitions.days(rollups.REPORTS):
            change = rollups.recount(spans, mark.transaction)
        else:
            change = Change(rollups.roll_up(spans), None)
        counting_mark.write(counting_mark.revised(mark, change))
    return change


def adopt_strangers() -> int:
    """Give Reports from another cluster the id 0, so that a recount takes them; how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reports_report SET transaction = '0'"
            " WHERE transaction >= pg_snapshot_xmax(pg_current_snapshot())"
        )
        return int(cursor.rowcount)
