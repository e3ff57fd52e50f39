"""The CountingMark's row: how far counting has come, and the lock of whoever writes counts."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from aggregator import checkpoints
from aggregator.rollups import Change
from aggregator.steps import MINUTE

_ROW = """
SELECT transaction, cluster, counted_until, revision, clock_timestamp(),
    (SELECT system_identifier FROM pg_control_system())
FROM aggregator_countingmark
"""
_MAKE = """
INSERT INTO aggregator_countingmark (id, transaction, cluster, counted_until, revision)
VALUES (1, '0', 0, 'epoch', 0) ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """The CountingMark as it was when it was read.

    Attributes:
        transaction: every Report of a transaction before this one is counted, no other is.
        cluster: the database cluster whose transaction ids these are; 0 when there is none yet.
        counted_until: Reports received before this are counted, unless still being written.
        revision: raised whenever the count of a Minute before `counted_until` changed.
        clock: the database's clock when the row was read.
        here: the cluster that it was read from.
    """

    transaction: int
    cluster: int
    counted_until: datetime
    revision: int
    clock: datetime
    here: int

    @property
    def is_foreign(self) -> bool:
        """Whether its transaction ids mean nothing here: after a restore, or at the first count."""
        return self.cluster != self.here


def revised(mark: Mark, change: Change) -> Mark:
    """The mark after a change: revised if that touched a Minute already shown to evaluation.

    Evaluation looks at Minutes up to `counted_until` only. How far it really came moves on while
    counting runs, so asking it would miss what it looks at just now. What it has learnt from the
    changed Minute is dropped. Must run inside the transaction that writes the mark.
    """
    if change.earliest is None or change.earliest + MINUTE.width > mark.counted_until:
        return mark
    checkpoints.drop_after(change.earliest)
    return replace(mark, revision=mark.revision + 1)


def read() -> Mark | None:
    """The CountingMark without a lock; None before the first count."""
    return _fetch(_ROW)


def lock(*, waiting: bool = False) -> Mark | None:
    """The CountingMark, made when missing and locked until the transaction ends.

    Args:
        waiting: whether to wait for whoever holds the lock; None comes at once otherwise.
    """
    statement = f"{_ROW} FOR UPDATE {'' if waiting else 'SKIP LOCKED'}"
    mark = _fetch(statement)
    if mark is None:
        with connection.cursor() as cursor:
            cursor.execute(_MAKE)
        mark = _fetch(statement)
    return mark


def write(mark: Mark) -> None:
    """Write the locked CountingMark back, as this cluster's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE aggregator_countingmark"
            " SET transaction = %s, cluster = %s, counted_until = %s, revision = %s",
            [str(mark.transaction), mark.here, mark.counted_until, mark.revision],
        )


def _fetch(statement: str) -> Mark | None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
    return Mark(int(row[0]), *row[1:]) if row else None
