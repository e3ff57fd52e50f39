"""The published figures of the detector, as `benchmarks.detection.publish` wrote them."""

from functools import lru_cache
from pathlib import Path

import msgspec

FILE = Path(__file__).parent / "data" / "method.json"
OURS = "Outcry"
ORACLE = "oracle"


class Estimate(msgspec.Struct, frozen=True):
    """A figure and its 95 % interval; None where there was nothing to tell it from."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def percent(self) -> "Estimate":
        """A share in per cent.

        >>> Estimate(0.5, 0.25, 0.75).percent
        Estimate(value=50.0, low=25.0, high=75.0)
        """
        return Estimate(
            *(None if x is None else 100 * x for x in (self.value, self.low, self.high))
        )


class Found(msgspec.Struct, frozen=True):
    """How many of some outages were found, and minutes from their onset until then."""

    share: Estimate
    median: float | None
    p90: float | None
    outages: int


class Closing(msgspec.Struct, frozen=True):
    """How outages that were found ended; minutes from the true end."""

    early: Estimate
    median: float | None
    p90: float | None
    split: Estimate
    placed: Estimate


class Figures(msgspec.Struct, frozen=True):
    """One detector's figures; rates are a service-year."""

    name: str
    service_years: float
    false: Estimate
    false_confirmed: Estimate
    found: Found
    big: Found
    kinds: dict[str, Found]
    closing: Closing
    children_confirmed: int
    hours_tripled: list[float]

    @property
    def title(self) -> str:
        """The detector's name without the threshold it was given."""
        return self.name.partition(" >= ")[0]

    @property
    def is_ours(self) -> bool:
        """Whether it is this detector."""
        return self.name == OURS

    @property
    def longest_tripled(self) -> float | None:
        """Hours until the slowest service whose reports tripled for good was out of outage."""
        return max(self.hours_tripled, default=None)


class World(msgspec.Struct, frozen=True):
    """The figures on one made world."""

    hand: str
    seed: int
    figures: Figures


class Line(msgspec.Struct, frozen=True):
    """What one detector reaches at all its thresholds: (false a service-year, share found)."""

    name: str
    points: list[tuple[float, float]]


class Peers(msgspec.Struct, frozen=True):
    """Other detectors on one world, each at its best threshold within a budget."""

    parameters: str
    hand: str
    seed: int
    budget: float
    rows: list[Figures]
    lines: list[Line] = []


class Published(msgspec.Struct, frozen=True):
    """Everything published, and the version of the parameters that made it."""

    parameters: str
    worlds: list[World]
    together: dict[str, Figures]
    peers: Peers | None


@lru_cache(maxsize=1)
def published() -> Published:
    """The figures that came with this version.

    Raises:
        OSError: when the file is missing.
        msgspec.ValidationError: when it is no such file.
    """
    return msgspec.json.decode(FILE.read_bytes(), type=Published)
