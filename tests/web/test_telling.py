"""What is worth a word in the answer."""

from datetime import UTC, datetime

import pytest

from aggregator.levels import level
from aggregator.selectors.places import PlaceNow
from aggregator.selectors.problems import ProblemNow
from aggregator.selectors.shades import Shade
from web.telling import main_places, main_problems

AT = datetime(2026, 3, 18, tzinfo=UTC)


def place(code: str, count: int, expected: float = 1.0) -> Shade:
    """A Service in a Region now."""
    parent = code.partition("-")[0] if "-" in code else None
    now = PlaceNow(
        region=code,
        name=code,
        kind="subdivision" if parent else "country",
        parent=parent,
        count=count,
        fewer_than=None,
        expected=expected,
        at=AT,
    )
    shade = level(count, expected)
    return Shade(place=now, minutes=60, count=count, expected=expected, level=shade)


def codes(places: list[Shade]) -> list[str]:
    """Their Regions."""
    return [one.place.region for one in places]


def problem(name: str, share: float | None) -> ProblemNow:
    """A problem type with its share of the Reports; an empty name: none named."""
    return ProblemNow(
        problem_type=name.lower() or None, name=name, count=9, fewer_than=None, share=share
    )


@pytest.mark.parametrize(
    ("ranked", "said"),
    [
        ([], []),
        ([problem("API", 0.4), problem("Chat", 0.3)], ["API"]),
        ([problem("API", 0.35), problem("Chat", 0.3)], ["API", "Chat"]),
        ([problem("API", 0.2), problem("Chat", 0.2)], []),
        ([problem("", 0.9), problem("API", 0.1)], []),
        ([problem("API", None)], []),
    ],
)
def test_problems_are_named_when_most_reports_name_them(
    ranked: list[ProblemNow], said: list[str]
) -> None:
    assert main_problems(ranked) == said


def test_places_are_named_by_their_excess() -> None:
    countries = [place("US", 90, 80.0), place("BR", 40), place("DE", 30), place("FR", 9)]
    # The United States are as usual, however many reports they send.
    assert codes(main_places(countries)) == ["BR", "DE"]


def test_subdivision_stands_for_its_country_when_most_is_there() -> None:
    countries = [place("US", 60), place("BR", 40)]
    states = [place("US-CA", 40), place("US-NY", 9), place("BR-SP", 10)]
    assert codes(main_places([*countries, *states])) == ["US-CA", "BR"]


def test_place_without_a_colour_is_not_named() -> None:
    assert main_places([place("US", 4, 0.1), place("DE", 5, 4.0), place("US-CA", 4)]) == []
