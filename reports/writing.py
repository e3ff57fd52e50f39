"""How a batch of Drafts becomes Reports: one transaction, one round trip, each person once.

The transaction first locks every (Service, fingerprint) of the batch, in sorted order so that two
batches never wait for each other in a ring. Then a *new statement* looks for earlier Reports and
inserts the rest: under READ COMMITTED its snapshot is taken after the locks are held, so it sees
what their previous holder committed. The same look and insert in one statement with the locks
would use a snapshot from before the wait.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import psycopg
from django.db import connection as django_connection
from psycopg.rows import TupleRow, tuple_row

from reports import partitions, report_id, site_settings
from reports.drafts import Draft, Receipt, firsts, lock_key

TABLE = "reports_report"
COMMENTS = "reports_comment"
CONNECT_SECONDS = 3
# A peer that vanished without a word is given up after this long (tcp_user_timeout).
SILENCE_MILLISECONDS = 8_000
ATTEMPTS = 2

# Writers share this lock; whoever must see all Reports of a person stand still takes it alone.
GATE = (0x0C, 0x01)

# Nothing here reads more than a few rows, but a plan made while the day's partition is nearly
# empty, or has no statistics yet, would read all of it, and stay in use when it has filled.
LOCK = """
SELECT set_config('enable_seqscan', 'off', true),
    pg_advisory_xact_lock_shared(%(gate_class)s, %(gate)s),
    (SELECT count(pg_advisory_xact_lock(key)) FROM unnest(%(keys)s::bigint[]) AS key)
"""

# For the same reason `service_id + 0` hides the column from the index by Service and time: of a
# busy Service's last hour that one finds everything, the one by fingerprint what is asked for.
# The bounds on `received_at` repeat for the whole batch what the row's own condition says, as
# parameters, so that partitions outside of them are not even opened.
_STORED = """
WITH draft AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%(drafts)s::json) AS draft (
        id uuid, received_at timestamptz, service_id bigint, problem_type_id bigint,
        region_id text, region_source text, channel text,
        fingerprint bytea, earlier bytea, network bytea, comment text, held_because text
    )
), known AS (
    SELECT draft.id AS draft_id, first.id, first.received_at, first.region_id
    FROM draft CROSS JOIN LATERAL (
        SELECT id, received_at, region_id FROM reports_report AS report
        WHERE report.fingerprint = ANY (ARRAY[draft.fingerprint, draft.earlier])
            AND report.service_id + 0 = draft.service_id
            AND report.received_at > draft.received_at - %(window)s::interval
            AND report.received_at > %(oldest)s::timestamptz - %(window)s::interval
            AND report.received_at < %(newest)s::timestamptz + %(window)s::interval
            AND report.rejected_at IS NULL
        ORDER BY report.received_at LIMIT 1
    ) AS first
), made AS (
    INSERT INTO reports_report (
        id, received_at, service_id, problem_type_id, region_id, region_source,
        channel, fingerprint, network
    )
    SELECT id, received_at, service_id, problem_type_id, region_id, region_source,
        channel, fingerprint, network
    FROM draft WHERE NOT EXISTS (SELECT FROM known WHERE known.draft_id = draft.id)
)"""
_SAID = """, said AS (
    INSERT INTO reports_comment (
        id, received_at, service_id, region_id, text, state, held_because
    )
    SELECT id, received_at, service_id, region_id, comment,
        CASE held_because WHEN '' THEN 'shown' ELSE 'held' END, held_because
    FROM draft
    WHERE comment <> '' AND NOT EXISTS (SELECT FROM known WHERE known.draft_id = draft.id)
)"""
_ANSWER = " SELECT draft_id, id, received_at, region_id FROM known"
INSERT = _STORED + _ANSWER
# Only where somebody in the batch wrote something; the others' cost is as without comments.
INSERT_COMMENTED = _STORED + _SAID + _ANSWER

HEARTBEAT = "INSERT INTO reports_intakeminute (minute) VALUES (%s) ON CONFLICT DO NOTHING"


class WriteError(Exception):
    """A Draft could not be stored."""


Outcome = Receipt | WriteError
Connection = psycopg.Connection[TupleRow]
_json = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class _Row:
    """A Draft that starts a Report unless an earlier one is found, and the id it would have."""

    id: UUID
    draft: Draft

    def receipt(self) -> Receipt:
        return Receipt(self.id, self.draft.received_at, self.draft.region, is_repeat=False)


class Writing:
    """A connection of its own to the database, made again when it is lost. For one thread."""

    def __init__(self) -> None:
        """Connect at the first use only."""
        self._connection: Connection | None = None

    def write(self, drafts: Sequence[Draft]) -> list[Outcome]:
        """Store the Drafts that repeat no other; for each, in their order, its outcome.

        Opens a transaction, and commits it before returning. Never raises for a bad Draft or a
        lost database: such a Draft's outcome is a WriteError.
        """
        if not drafts:
            return []
        first_of = firsts(drafts)
        rows = {
            index: _Row(report_id.new(draft.received_at), draft)
            for index, draft in enumerate(drafts)
            if first_of[index] == index
        }
        outcomes = dict(zip(rows, self._stored(list(rows.values())), strict=True))
        return [
            outcomes[first] if first == index else _repeated(outcomes[first])
            for index, first in enumerate(first_of)
        ]

    def beat(self, minute: datetime) -> None:
        """Note that this Minute had somebody to take Reports.

        Raises:
            psycopg.Error: when the database is not there.
        """
        try:
            self._connected().execute(HEARTBEAT, [minute])
        except psycopg.Error:
            self.close()
            raise

    def close(self) -> None:
        """Give up the connection; the next use makes a new one."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
        self._connection = None

    def _stored(self, rows: Sequence[_Row], attempt: int = 1) -> list[Outcome]:
        try:
            return self._insert(rows)
        except (psycopg.DataError, psycopg.IntegrityError, ValueError) as error:
            if _misses_partition(error) and attempt < ATTEMPTS:
                _make_partitions(row.draft.received_at for row in rows)
                return self._stored(rows, attempt + 1)
            return self._stored_apart(rows, error)
        except psycopg.Error as error:
            self.close()
            # A restarted database leaves a dead connection behind. If what was lost is only the
            # answer to a commit, the second attempt finds the first one's Reports by their ids.
            if attempt < ATTEMPTS:
                return self._stored(rows, attempt + 1)
            failed = WriteError(type(error).__name__)
            return [failed] * len(rows)

    def _stored_apart(self, rows: Sequence[_Row], error: Exception) -> list[Outcome]:
        """Halve a batch until the row that spoils it is alone."""
        if len(rows) == 1:
            return [WriteError(type(error).__name__)]
        half = len(rows) // 2
        return [*self._stored(rows[:half]), *self._stored(rows[half:])]

    def _insert(self, rows: Sequence[_Row]) -> list[Outcome]:
        connection = self._connected()
        is_commented = any(row.draft.comment for row in rows)
        insert = INSERT_COMMENTED if is_commented else INSERT
        # All of a pipeline is one transaction, committed when the block is left.
        with connection.pipeline():
            connection.execute(LOCK, _locks(rows), prepare=True)
            found = connection.execute(insert, _values(rows), prepare=True)
        known = {
            draft_id: Receipt(
                first, received_at.astimezone(UTC), region, is_repeat=first != draft_id
            )
            for draft_id, first, received_at, region in found
        }
        return [known.get(row.id) or row.receipt() for row in rows]

    def _connected(self) -> Connection:
        if self._connection is None:
            parameters = {
                **django_connection.get_connection_params(),
                "autocommit": True,
                "cursor_factory": psycopg.Cursor,
                "row_factory": tuple_row,
                "connect_timeout": CONNECT_SECONDS,
                "tcp_user_timeout": SILENCE_MILLISECONDS,
            }
            self._connection = psycopg.connect(**parameters)
        return self._connection


def _repeated(outcome: Outcome) -> Outcome:
    return replace(outcome, is_repeat=True) if isinstance(outcome, Receipt) else outcome


def _locks(rows: Sequence[_Row]) -> dict[str, object]:
    keys = {
        lock_key(row.draft.service_id, fingerprint)
        for row in rows
        for fingerprint in row.draft.hashes.fingerprints()
    }
    return {"gate_class": GATE[0], "gate": GATE[1], "keys": sorted(keys)}


def _values(rows: Sequence[_Row]) -> dict[str, object]:
    """The parameters of INSERT; one JSON text is far cheaper to make than an array a column."""
    instants = [row.draft.received_at for row in rows]
    return {
        "drafts": _json.encode([_value(row) for row in rows]).decode(),
        "window": timedelta(minutes=site_settings.last_known().dedupe_window_minutes),
        "oldest": min(instants),
        "newest": max(instants),
    }


def _value(row: _Row) -> dict[str, object]:
    draft, hashes = row.draft, row.draft.hashes
    return {
        "id": row.id,
        "received_at": draft.received_at,
        "service_id": draft.service_id,
        "problem_type_id": draft.problem_type_id,
        "region_id": draft.region,
        "region_source": draft.region_source,
        "channel": draft.channel,
        "fingerprint": _bytea(hashes.fingerprint),
        "earlier": hashes.earlier and _bytea(hashes.earlier),
        "network": _bytea(hashes.network),
        "comment": draft.comment,
        "held_because": draft.held_because,
    }


def _bytea(value: bytes) -> str:
    """Bytes as PostgreSQL reads them in text."""
    return "\\x" + value.hex()


def _misses_partition(error: Exception) -> bool:
    """Whether no partition takes a row: a check violation that names no constraint."""
    return isinstance(error, psycopg.errors.CheckViolation) and not error.diag.constraint_name


def _make_partitions(instants: Iterable[datetime]) -> None:
    days = sorted({instant.astimezone(UTC).date() for instant in instants})
    try:
        for table in (TABLE, COMMENTS):
            partitions.ensure(table, days[0], days[-1])
    finally:
        # This thread serves no request, so nothing else would give the connection back.
        django_connection.close()
