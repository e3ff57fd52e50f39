"""The back office shows the numbers behind each move of an Outage."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from pytest_django import DjangoAssertNumQueries

from aggregator import evaluation, outages
from aggregator.clock import minute_of
from aggregator.models import EvaluationMark, Outage, ServiceStatus
from aggregator.models.picture import Verdict
from aggregator.why import HEADERS, asked, why
from reports.trail import Doing
from tests.aggregator.crowds import burst, counted_until, quiet_day
from tests.aggregator.test_outages import CLOSING, CONFIRMING, OPENING
from tests.factories import make_event, make_outage, service

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 18, 15, 0, tzinfo=UTC)


def rows(outage: Outage) -> list[list[str]]:
    """The cells of the table, by row."""
    found = why(outage).table["rows"]
    assert isinstance(found, list)
    return found


def test_each_move_is_a_row_with_the_numbers_that_made_it(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for move in (OPENING, CONFIRMING, CLOSING):
        outages.apply(move)
    outage = Outage.objects.get()
    with django_assert_num_queries(2):
        found = rows(outage)
    assert [row[1] for row in found] == ["opened", "confirmed", "over"]
    assert all(len(row) == len(HEADERS) for row in found)
    assert found[0][2:7] == ["US", "120 in 5 min", "1.0 to 9.0 (expected 4.0)", "14.2", "80"]
    assert why(outage).made_by == f"parameters {OPENING.numbers.parameters} at normal sensitivity"


def test_a_moderators_words_stand_where_numbers_would() -> None:
    outages.apply(OPENING)
    outage = Outage.objects.get()
    outages.retract(outage.pk, Doing(User.objects.create_user("maria"), "A test.", NOW))
    assert rows(outage)[-1][-1] == "A test."


def test_an_event_with_few_numbers_and_an_outage_without_events_are_shown() -> None:
    outage = make_outage()
    assert rows(outage) == []
    make_event(outage)
    assert rows(outage)[0][3:5] == ["532", "about 12.2"]
    assert why(outage).now == ""


def test_the_section_says_how_the_service_looks_now() -> None:
    outage = make_outage()
    ServiceStatus.objects.create(
        service=service("claude"),
        verdict=Verdict.OK,
        at=NOW,
        observed=3,
        expected=4.0,
        low=1.0,
        high=9.0,
    )
    page = render_to_string("aggregator/why.html", {"original": outage})
    assert "2026-03-18 15:00 UTC: 3 reports worldwide in 15 minutes" in page
    assert "The detector says: no problems." in page


def test_asked_without_a_memory_the_detector_can_not_tell() -> None:
    assert "can't tell" in asked(make_outage())


@pytest.mark.slow
def test_asked_by_itself_the_detector_knows_nothing_of_moderators() -> None:
    first = minute_of(NOW)
    evaluation.forget()
    quiet_day("claude", first)
    burst("claude", first, minutes=10)
    burst("github", first, minutes=10)
    counted_until(first + 10)
    evaluation.evaluate(NOW)
    outage = Outage.objects.get(service__slug="claude")
    said = asked(outage)
    assert "it would have a confirmed outage open" in said
    outages.retract(outage.pk, Doing(User.objects.create_user("maria"), "A test.", NOW))
    assert "it would have a confirmed outage open" in asked(outage)
    assert "min worldwide, usual" in said
    assert "parameters" in said
    EvaluationMark.objects.update(evaluated_until=NOW + timedelta(days=4))
    assert "can't tell" in asked(outage)
    evaluation.forget()
