"""What was wrong, as Reports said."""

from datetime import timedelta

import pytest
from django.db import connection

from aggregator.models.outage import State
from aggregator.selectors.problems import ranked_slugs
from tests.factories import STARTED, make_outage, service

pytestmark = pytest.mark.django_db


def make_quarter(slug: str, problem_type: str | None, *, minutes: int, reports: int) -> None:
    """A quarter-hour's count, so many minutes from the onset's quarter-hour."""
    owner = service(slug)
    kind = owner.problem_types.get(slug=problem_type).pk if problem_type else None
    start = STARTED.replace(minute=0) + timedelta(minutes=minutes)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO aggregator_quartercount (start, service_id, region_id, problem_type_id,"
            " count) VALUES (%s, %s, '', %s, %s)",
            [start, owner.pk, kind, reports],
        )


def test_problem_types_are_ranked_within_the_outage() -> None:
    make_quarter("claude", "api", minutes=-15, reports=900)  # before it
    make_quarter("claude", "api", minutes=0, reports=10)  # holds the onset
    make_quarter("claude", "chat", minutes=15, reports=30)
    make_quarter("claude", None, minutes=15, reports=500)
    make_quarter("claude", "api", minutes=75, reports=900)  # after it
    make_quarter("noise", "noise", minutes=15, reports=70)
    outage = make_outage(state=State.OVER)
    assert ranked_slugs([outage]) == {outage.pk: ["chat", "api"]}
