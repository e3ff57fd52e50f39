"""Any order, any repeats, any moderation: the same counts as a recount."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator import counting
from aggregator.models import HourCount, MinuteCount, QuarterCount, SocialCount
from reports.models import Report, StaleBucket
from tests import factories
from tests.aggregator.truth import assert_counts_are_true

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
SESSIONS = 3

REJECT = "UPDATE reports_report SET rejected_at = now() WHERE id = %s"
RESTORE = "UPDATE reports_report SET rejected_at = NULL WHERE id = %s"
STALE = """
INSERT INTO reports_stalebucket (service_id, region_id, problem_type_id, minute)
SELECT service_id, region_id, problem_type_id, date_trunc('minute', received_at)
FROM reports_report WHERE id = %s
"""
COPY = """
INSERT INTO reports_report SELECT gen_random_uuid(), received_at + make_interval(mins => %s),
    service_id, region_id, problem_type_id, region_source, channel, fingerprint, network
FROM reports_report WHERE id = %s RETURNING id
"""

session = st.integers(0, SESSIONS - 1)
pick = st.integers(0, 1000)
# A write and the moderation stay open until their session ends; others overtake them.
steps = st.lists(
    st.one_of(
        st.tuples(st.just("write"), session, pick),
        st.tuples(st.just("reject"), session, pick),
        st.tuples(st.just("restore"), session, pick),
        st.tuples(st.just("commit"), session, pick),
        st.tuples(st.just("roll back"), session, pick),
        st.tuples(st.just("count"), session, pick),
    ),
    max_size=30,
)


@dataclass
class Site:
    """Sessions with open transactions, and which Reports each of them has touched."""

    sessions: list[psycopg.Connection]
    known: list[object]
    touched: dict[object, int] = field(default_factory=dict)
    written: dict[int, list[object]] = field(default_factory=dict)

    def take(self, step: str, number: int, choice: int) -> None:
        """Do one step, unless it would wait for another session."""
        match step:
            case "count":
                assert counting.count(datetime.now(UTC))
            case "write":
                source = self.known[choice % 3]
                row = self.sessions[number].execute(COPY, [choice % 17, source]).fetchone()
                assert row
                self.written.setdefault(number, []).append(row[0])
            case "reject" | "restore":
                self.moderate(REJECT if step == "reject" else RESTORE, number, choice)
            case _:
                self.end(number, commit=step == "commit")

    def moderate(self, statement: str, number: int, choice: int) -> None:
        """Change a Report and leave its StaleBucket, in the session's open transaction."""
        report = self.known[choice % len(self.known)]
        if self.touched.setdefault(report, number) != number:
            return
        self.sessions[number].execute(statement, [report])
        self.sessions[number].execute(STALE, [report])

    def end(self, number: int, *, commit: bool) -> None:
        """End a session's transaction; what it wrote is known to all from then on."""
        written = self.written.pop(number, [])
        if commit:
            self.sessions[number].commit()
            self.known += written
        else:
            self.sessions[number].rollback()
        self.touched = {key: by for key, by in self.touched.items() if by != number}


@pytest.fixture
def sessions(committed: None) -> Iterator[list[psycopg.Connection]]:
    """Sessions of their own beside the test's."""
    options = connection.settings_dict
    place = f"dbname={options['NAME']} user={options['USER']} host={options['HOST']}"
    with ExitStack() as stack:
        yield [stack.enter_context(psycopg.connect(place)) for _ in range(SESSIONS)]


def three_reports() -> list[object]:
    """Empty tables but for three Reports, the last of a public post, none of them counted."""
    for model in (Report, StaleBucket, MinuteCount, QuarterCount, HourCount, SocialCount):
        model.objects.all().delete()
    return [
        factories.make_report(at=NOON).id,
        factories.make_report(at=NOON, region="US-CA", problem_type="api").id,
        factories.make_post("github", at=NOON + timedelta(minutes=14)).id,
    ]


@pytest.mark.slow
@given(steps)
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_counts_do_not_depend_on_the_order_of_events(
    sessions: list[psycopg.Connection], steps: list[tuple[str, int, int]]
) -> None:
    site = Site(sessions, three_reports())
    for step in steps:
        site.take(*step)
    for number in range(SESSIONS):
        site.end(number, commit=True)
    site.take("count", 0, 0)
    assert_counts_are_true()
