"""What is worth a word in the answer: the problems and the places that stand out. Pure."""

from collections.abc import Sequence

from aggregator.selectors.problems import ProblemNow
from aggregator.selectors.shades import Shade

MOST_NAMED = 2
# One problem is "mostly" it from this share on, two are together.
MOSTLY_ONE = 0.4
MOSTLY_TWO = 0.6
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


def main_places(found: Sequence[Shade]) -> list[Shade]:
    """The places with the most Reports beyond what is expected, the worst first."""
    above = [one for one in found if one.level]
    countries = [one for one in above if one.place.parent is None]
    worst = sorted(countries, key=_excess, reverse=True)[:MOST_NAMED]
    return [_narrowed(one, above) for one in worst]


def _narrowed(country: Shade, above: Sequence[Shade]) -> Shade:
    """The one subdivision that holds most of a country's excess, else the country."""
    inside = [one for one in above if one.place.parent == country.place.region]
    worst = max(inside, key=_excess, default=country)
    return worst if _excess(worst) >= MOST_OF_IT * _excess(country) else country


def _excess(one: Shade) -> float:
    return one.count - one.expected
