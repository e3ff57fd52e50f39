"""Intake while PostgreSQL or Redis is down, and after."""

from collections.abc import Iterator

import pytest
from django.db import connection

from config import engines
from reports import submission
from reports.models import Report, Service
from reports.submission import UnavailableError, submit
from tests.engines import DATA_DIR
from tests.reports.drafting import make_draft

pytestmark = [
    pytest.mark.slow,
    pytest.mark.usefixtures("committed", "engines_of_our_own"),
    pytest.mark.skipif(
        not (DATA_DIR / "postgres" / "postmaster.pid").exists(),
        reason="the engines belong to somebody else, who would not like them stopped",
    ),
]


@pytest.fixture
def engines_of_our_own(committed: None) -> Iterator[None]:
    """The tests' engines, running again afterwards."""
    submission.stop()
    yield
    submission.stop()
    start_postgres()


def start_postgres() -> None:
    """Start what is stopped, with a new pool for the test's own look at the tables.

    It is the writer's own connection that is tried here.
    """
    engines.join(DATA_DIR, durable=False)
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's alone


def test_stopped_postgresql_is_said_and_all_goes_on_when_it_is_back(claude: Service) -> None:
    first = submit(make_draft(claude, "alice"))
    connection.close()
    engines.stop_postgres(DATA_DIR)
    for _ in range(2):
        with pytest.raises(UnavailableError):
            submit(make_draft(claude, "bob"))
    start_postgres()
    assert submit(make_draft(claude, "alice")).id == first.id
    assert not submit(make_draft(claude, "bob")).is_repeat
    assert Report.objects.count() == 2


def test_restarted_postgresql_is_not_even_noticed(claude: Service) -> None:
    submit(make_draft(claude, "alice"))
    connection.close()
    engines.stop_postgres(DATA_DIR)
    start_postgres()
    assert not submit(make_draft(claude, "bob")).is_repeat
    assert Report.objects.count() == 2


def test_reports_are_taken_while_redis_is_stopped(claude: Service) -> None:
    submit(make_draft(claude, "alice"))
    engines.stop_redis(DATA_DIR)
    assert not submit(make_draft(claude, "bob")).is_repeat
    engines.join(DATA_DIR, durable=False)
    assert not submit(make_draft(claude, "carol")).is_repeat
    assert Report.objects.count() == 3
