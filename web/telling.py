"""What is worth a word in the answer: the problems and the places that stand out. Pure."""

from collections.abc import Sequence

from aggregator.selectors.places import PlaceNow
from aggregator.selectors.problems import ProblemNow

MOST_NAMED = 2
# One problem is "mostly" it from this share on, two are together.
MOSTLY_ONE = 0.4
MOSTLY_TWO = 0.6
# The ratio of Reports to what is expected, drawn towards 1 by this many Reports of either.
SHRINK = 4
LEAST_RATIO = 2.0
# A subdivision stands for its country when so much of the country's excess is there.
MOST_OF_IT = 0.5


def main_problems(ranked: Sequence[ProblemNow]) -> list[str]:
    """The names of what most Reports say is wrong; empty when they say many things.

    Args:
        ranked: the most frequent first.
    """
    named = [one for one in ranked if one.name and one.share is not None][:MOST_NAMED]
    shares = [one.share or 0.0 for one in named]
    if shares and shares[0] >= MOSTLY_ONE:
        return [named[0].name]
    return [one.name for one in named] if sum(shares) >= MOSTLY_TWO else []


def main_places(countries: Sequence[PlaceNow], subdivisions: Sequence[PlaceNow]) -> list[PlaceNow]:
    """The places with the most Reports beyond what is expected, the worst first.

    Only places whose counts are published are named.
    """
    worst = sorted(filter(_stands_out, countries), key=_excess, reverse=True)[:MOST_NAMED]
    return [_narrowed(one, subdivisions) for one in worst]


def _narrowed(country: PlaceNow, subdivisions: Sequence[PlaceNow]) -> PlaceNow:
    """The one subdivision that holds most of a country's excess, else the country."""
    inside = [one for one in subdivisions if one.parent == country.region and _stands_out(one)]
    worst = max(inside, key=_excess, default=country)
    return worst if _excess(worst) >= MOST_OF_IT * _excess(country) else country


def _stands_out(one: PlaceNow) -> bool:
    ratio = ((one.count or 0) + SHRINK) / ((one.expected or 0.0) + SHRINK)
    return one.count is not None and ratio >= LEAST_RATIO


def _excess(one: PlaceNow) -> float:
    return (one.count or 0) - (one.expected or 0.0)
