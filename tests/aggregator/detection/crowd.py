"""A crowd for the tests: a steady day, and what happens on top of it."""

from collections.abc import Callable, Iterable

import numpy as np

from aggregator.detection import Counts, Engine, Move, NoEvidence, Parameters, Topology

START = 29_448_000
"""A Monday, 00:00 UTC, a whole number of weeks of minutes after one."""
DAY = 1440

TREE = Topology(
    services=("web", "api", "mail"),
    regions=("", "US", "US-CA", "DE"),
    parents=(-1, 0, 1, 0),
    zones=("UTC", "America/New_York", "America/Los_Angeles", "Europe/Berlin"),
    dependencies=((1, 0),),
)
NOTHING = Counts(*(np.zeros(0, np.int64) for _ in range(3)))

Extra = Callable[[int], dict[tuple[int, int], int]]
"""Minutes since START to additional Reports by (service, region)."""


def counts(reports: dict[tuple[int, int], int]) -> Counts:
    """Counts from {(service, region): Reports}; zeros are left out."""
    rows = [(service, region, n) for (service, region), n in reports.items() if n > 0]
    if not rows:
        return NOTHING
    columns = np.array(rows, np.int64).T
    return Counts(columns[0], columns[1], columns[2])


class Crowd:
    """Poisson Reports for every service and leaf Region, from a fixed seed."""

    def __init__(self, rate: float, *, services: Iterable[int] = (0, 1, 2), seed: int = 7) -> None:
        """`rate`: Reports a minute of each service in each of three Regions."""
        self.rate = rate
        self.services = tuple(services)
        self.random = np.random.default_rng(seed)

    def minute(self, extra: dict[tuple[int, int], int] | None = None) -> Counts:
        """One minute's Reports."""
        reports = {
            (service, region): int(self.random.poisson(self.rate))
            for service in self.services
            for region in (1, 2, 3)
        }
        for pair, more in (extra or {}).items():
            reports[pair] = reports.get(pair, 0) + more
        return counts(reports)


class Networks(NoEvidence):
    """Evidence that knows how many networks there are."""

    def __init__(self, networks: int) -> None:
        """The same number for every service and Region."""
        self.number = networks

    def networks(self, service: str, region: str) -> int | None:  # noqa: ARG002 (the protocol's)
        """That number."""
        return self.number


def quiet_days(crowd: Crowd, days: int, parameters: Parameters | None = None) -> Engine:
    """An Engine that has seen some quiet days of a crowd from START on."""
    engine = Engine(TREE, parameters)
    for minute in range(days * DAY):
        moves = engine.advance(START + minute, crowd.minute()).moves
        assert not moves, moves
    return engine


def run(engine: Engine, crowd: Crowd, minutes: int, extra: Extra | None = None) -> list[Move]:
    """Go on for some minutes; `extra` is asked with 0, 1, 2 …; returns all Moves."""
    assert engine.minute is not None
    moves: list[Move] = []
    first = engine.minute + 1
    for minute in range(minutes):
        more = extra(minute) if extra is not None else {}
        moves += engine.advance(first + minute, crowd.minute(more)).moves
    return moves


def copy(engine: Engine) -> Engine:
    """An independent Engine in the same state."""
    return Engine.restore(engine.checkpoint(), engine.topology, engine.parameters)
