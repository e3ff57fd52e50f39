"""The page of an Outage and the archive: the course on a map, and filters."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from aggregator.models import Outage
from aggregator.models.outage import State
from aggregator.selectors import names
from aggregator.selectors.course import MOST_FRAMES, course, instants
from tests.readable import make_old_count, make_outage

pytestmark = pytest.mark.django_db
START = datetime(2026, 3, 18, 14, 0, tzinfo=UTC)
NOW = START + timedelta(days=2)


@pytest.fixture
def outage() -> Outage:
    """An Outage of claude in the US: California first, New York from an hour later on."""
    names.forget()
    found = make_outage("claude", START, regions=["US"], state=State.OVER, minutes=120)
    for day in range(1, 8):
        make_old_count("claude", START - timedelta(days=day), 3, region="US-CA")
    make_old_count("claude", START + timedelta(minutes=20), 90, region="US-CA")
    make_old_count("claude", START + timedelta(minutes=80), 40, region="US-NY")
    make_old_count("claude", START + timedelta(minutes=80), 4, region="DE-BE")
    make_old_count("claude", START + timedelta(minutes=80), 7, region="US")
    return found


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_course_compares_each_hour_with_the_week_before(outage: Outage) -> None:
    gone = course(outage, "US", NOW)
    at = gone.frames.index(START + timedelta(minutes=45))
    # 90 in the hour before; a week of 3 at this time of day, averaged over three hours, is 1.
    assert [(one.place.region, one.place.count, one.place.expected) for one in gone.shades(at)] == [
        ("US-CA", 90, 1.0)
    ]
    levels = gone.levels()
    assert levels["US-CA"][at] == 4
    assert levels["US-NY"][at] == 0
    assert max(levels["US-NY"]) == 4
    assert gone.frames[gone.peak] == START + timedelta(minutes=30)


def test_course_of_the_world_counts_a_country_with_its_parts(outage: Outage) -> None:
    gone = course(outage, "", NOW)
    at = gone.frames.index(START + timedelta(minutes=90))
    # 40 in New York, 7 with no state; California's are more than an hour ago.
    assert [(one.place.region, one.place.count) for one in gone.shades(at)] == [("US", 47)]
    # Fewer than five never have a level.
    assert set(gone.levels()) == {"US"}


def test_course_of_a_service_without_a_past_says_that_it_cannot_tell() -> None:
    fresh = make_outage("aws", START, state=State.OVER)
    make_old_count("aws", START + timedelta(minutes=20), 90, region="US-CA")
    gone = course(fresh, "US", NOW)
    assert (gone.known, gone.levels()) == (False, {})


@pytest.mark.parametrize("hours", [0, 1, 7, 30, 24 * 9, 24 * 300])
def test_course_has_few_instants_however_long_it_was(hours: int) -> None:
    end = START + timedelta(hours=hours)
    frames = instants(START, end, end + timedelta(days=1))
    assert 1 <= len(frames) <= MOST_FRAMES
    assert frames[0] <= START + timedelta(minutes=15)
    assert len({later - earlier for earlier, later in pairwise(frames)}) <= 1


def test_course_of_what_has_just_begun_has_an_instant() -> None:
    assert len(instants(START, None, START)) >= 1


def test_page_shows_the_peak_first_and_each_instant_by_link(client: Client, outage: Outage) -> None:
    page = text(client, f"/outages/{outage.pk}/")
    assert 'data-levels="0' in page
    assert "(the peak)" in page
    assert "California" in page
    link = f"?map=US&amp;at={START + timedelta(minutes=90):%Y-%m-%dT%H:%M}Z#where"
    assert link in page
    later = text(client, f"/outages/{outage.pk}/?map=US&at=2026-03-18T15:30Z")
    assert "(the peak)" not in later
    assert "most of all: New York" in later or "above the usual: New York" in later
    world = text(client, f"/outages/{outage.pk}/?map=")
    assert 'aria-current="true">World</a>' in world


@pytest.mark.parametrize("query", ["at=yesterday", "map=MC", "map=us", "at=2026-03-18T15:30"])
def test_page_refuses_what_is_no_instant_or_map(client: Client, outage: Outage, query: str) -> None:
    assert client.get(f"/outages/{outage.pk}/?{query}").status_code == 400


def test_page_costs_the_same_for_every_outage(
    client: Client, outage: Outage, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(15) as asked:
        text(client, f"/outages/{outage.pk}/")
    assert not [query for query in asked if "reports_report" in query["sql"]]


FOUND = 'class="outage '


@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("service=cluade", 1),
        ("service=aws", 1),
        ("region=California", 1),
        ("region=DE-BE", 1),
        ("region=Germany&state=over", 1),
        ("from=2026-03-19", 1),
        ("from=2026-03-18&to=2026-03-18", 1),
        ("to=2026-03-17", 0),
        ("category=nothing", 0),
        ("category=ai&from=&to=&service=&region=&state=", 2),
    ],
)
def test_archive_is_filtered(client: Client, outage: Outage, query: str, size: int) -> None:
    make_outage("aws", START + timedelta(days=1), regions=["DE"], state=State.OVER)
    assert text(client, f"/outages/?{query}").count(FOUND) == size


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("region=Narnia", "No single place is called “Narnia”."),
        ("service=qqqqqqqqqq", "No service is called “qqqqqqqqqq”."),
        ("from=tomorrow", "“tomorrow” is not a day."),
        ("to=9999-12-31", "“9999-12-31” is not a day."),
    ],
)
def test_archive_says_which_filter_it_does_not_understand(
    client: Client, query: str, words: str
) -> None:
    response = client.get(f"/outages/?{query}")
    assert response.status_code == 422
    page = response.content.decode()
    assert words in page
    assert response["Cache-Control"] == "no-store"
    # What was entered is still there.
    assert f'value="{query.partition("=")[2]}"' in page
