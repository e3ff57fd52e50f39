"""Where the crowd lives: a small tree of real Regions with their real clocks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WORLD = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A place people report from: a Region code, an IANA time zone, a relative crowd size."""

    code: str
    zone: str
    weight: float

    @property
    def country(self) -> str:
        """The country's code (``US`` for ``US-CA``)."""
        return self.code.partition("-")[0]


_CATALOGUE = (
    Leaf("US", "America/New_York", 2.0),
    Leaf("US-CA", "America/Los_Angeles", 1.2),
    Leaf("US-TX", "America/Chicago", 0.9),
    Leaf("US-NY", "America/New_York", 0.7),
    Leaf("US-AZ", "America/Phoenix", 0.3),
    Leaf("GB", "Europe/London", 0.5),
    Leaf("GB-ENG", "Europe/London", 1.2),
    Leaf("GB-SCT", "Europe/London", 0.2),
    Leaf("DE", "Europe/Berlin", 1.3),
    Leaf("FR", "Europe/Paris", 1.0),
    Leaf("BR", "America/Sao_Paulo", 0.8),
    Leaf("BR-SP", "America/Sao_Paulo", 0.7),
    Leaf("BR-AM", "America/Manaus", 0.15),
    Leaf("IN", "Asia/Kolkata", 1.2),
    Leaf("JP", "Asia/Tokyo", 1.0),
    Leaf("AU", "Australia/Sydney", 0.2),
    Leaf("AU-NSW", "Australia/Sydney", 0.3),
    Leaf("AU-QLD", "Australia/Brisbane", 0.25),
    Leaf("NL", "Europe/Amsterdam", 0.5),
    Leaf("MX", "America/Mexico_City", 0.6),
    Leaf("ZA", "Africa/Johannesburg", 0.3),
    Leaf("NP", "Asia/Kathmandu", 0.1),
    Leaf("CL", "America/Santiago", 0.25),
)

ZONES = {leaf.code: leaf.zone for leaf in _CATALOGUE}
"""Region code → IANA time zone, for a detector that wants local time."""


def draw_leaves(rng: np.random.Generator) -> tuple[Leaf, ...]:
    """Eight to twelve countries, the US and Britain always, with their subdivisions."""
    countries = list(dict.fromkeys(leaf.country for leaf in _CATALOGUE))
    kept = {"US", "GB"} | set(rng.choice(countries, int(rng.integers(8, 12)), replace=False))
    return tuple(leaf for leaf in _CATALOGUE if leaf.country in kept)


def draw_shares(leaves: tuple[Leaf, ...], rng: np.random.Generator) -> NDArray[np.float64]:
    """Share of one service's crowd in each leaf, summing to 1; a quarter are national."""
    weight = np.array([leaf.weight for leaf in leaves])
    share = rng.dirichlet(3.0 * weight / weight.mean())
    if rng.random() < 1 / 4:
        home = leaves[int(rng.choice(len(leaves), p=weight / weight.sum()))].country
        share *= np.where([leaf.country == home for leaf in leaves], 20.0, 1.0)
    share = np.maximum(share, 1e-6)
    return np.asarray(share / share.sum())


def reporting(
    leaves: tuple[Leaf, ...], unknown: float, country_only: float
) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """The Region codes that reports name, and who names what.

    Args:
        leaves: where people are.
        unknown: share of reports whose place is not known (code ``""``).
        country_only: share of the others in a subdivision that name its country only.

    Returns:
        The codes, ``""`` first, and a matrix (codes x leaves) whose columns sum to 1.

    >>> codes, names = reporting((Leaf("US", "UTC", 1), Leaf("US-CA", "UTC", 1)), 0.1, 0.5)
    >>> codes, names.round(2).tolist()
    (('', 'US', 'US-CA'), [[0.1, 0.1], [0.9, 0.45], [0.0, 0.45]])
    """
    codes = (WORLD, *(leaf.code for leaf in leaves))
    matrix = np.zeros((len(codes), len(leaves)))
    matrix[0] = unknown
    for column, leaf in enumerate(leaves):
        vague = country_only if leaf.code != leaf.country else 0.0
        matrix[codes.index(leaf.country), column] += (1 - unknown) * vague
        matrix[column + 1, column] += (1 - unknown) * (1 - vague)
    return codes, matrix


def covers(region: str, code: str) -> bool:
    """Whether ``code`` lies in ``region`` (``""`` is the world).

    >>> covers("US", "US-CA"), covers("US-CA", "US"), covers("", "US")
    (True, False, True)
    """
    return region in (WORLD, code) or code.startswith(region + "-")


def nodes_of(codes: tuple[str, ...]) -> tuple[str, ...]:
    """Every Region that a count can be made for, the world first."""
    return tuple(dict.fromkeys((WORLD, *codes)))
