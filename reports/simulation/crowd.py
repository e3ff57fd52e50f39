"""A scenario's crowd, report by report; the same seed makes the same crowd.

The senders' addresses come from the ranges that are kept for benchmarks and documentation
(RFC 2544, RFC 3849), so that none can be anybody's.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import count as count_up

import numpy as np

from reports.simulation.scenarios import Scenario, Shares, Wave

BENCHMARK_NETWORKS = 512  # 198.18.0.0/15 in parts of /24
HOSTS = 254
SUBNETS = 65_536


@dataclass(frozen=True, slots=True)
class Voice:
    """One report of the crowd.

    Attributes:
        minute: when, in minutes since the scenario's start.
        service: a slug.
        region: a Region's code, empty when the sender names no place.
        problem_type: a slug, empty when the sender names none.
        network: the number of the sender's network.
        address: the sender's address.
    """

    minute: float
    service: str
    region: str
    problem_type: str
    network: int
    address: str


def voices(scenario: Scenario, start: datetime, seed: int = 1) -> Iterator[Voice]:
    """The crowd in the order of time; without end when the scenario has none.

    Args:
        scenario: what they report.
        start: the clock's time at the scenario's start, aware; daily rhythms follow it.
        seed: another one makes another crowd.
    """
    random = np.random.default_rng(seed)
    people: Counter[int] = Counter()
    minutes = count_up() if scenario.minutes is None else range(scenario.minutes)
    for minute in minutes:
        at = start + timedelta(minutes=minute)
        found = [
            voice
            for wave in scenario.waves
            for voice in _minute(wave, minute, wave.rate_at(minute + 0.5, at), random, people)
        ]
        yield from sorted(found, key=lambda voice: voice.minute)


def expected(scenario: Scenario, start: datetime) -> float:
    """How many reports a scenario with an end makes, about."""
    return sum(
        wave.rate_at(minute + 0.5, start + timedelta(minutes=minute))
        for minute in range(scenario.minutes or 0)
        for wave in scenario.waves
    )


def address(network: int, person: int) -> str:
    """A sender's address: even networks are IPv6, odd ones IPv4 while there are enough.

    >>> address(4, 1), address(5, 1)
    ('2001:db8:4:1::1', '198.18.2.2')
    """
    if network % 2 and network // 2 < BENCHMARK_NETWORKS:
        high, low = divmod(network // 2, 256)
        return f"198.{18 + high}.{low}.{1 + person % HOSTS}"
    return f"2001:db8:{network:x}:{person % SUBNETS:x}::1"


def _minute(
    wave: Wave, minute: int, rate: float, random: np.random.Generator, people: Counter[int]
) -> Iterator[Voice]:
    size = int(random.poisson(rate))
    if not size:
        return
    times = random.random(size)
    networks = random.integers(wave.networks, size=size)
    regions = _drawn(wave.regions, size, random)
    types = _drawn(wave.problem_types, size, random)
    for n in range(size):
        network = int(networks[n])
        people[network] += 1
        yield Voice(
            minute=minute + float(times[n]),
            service=wave.service,
            region=regions[n],
            problem_type=types[n],
            network=network,
            address=address(network, people[network]),
        )


def _drawn(shares: Shares, size: int, random: np.random.Generator) -> list[str]:
    if not shares:
        return [""] * size
    drawn = np.searchsorted(_heights(shares), random.random(size), side="right")
    return [shares[n][0] for n in drawn]


@cache
def _heights(shares: Shares) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Where each share ends on the line from 0 to 1."""
    ends = np.cumsum([share for _, share in shares])
    return np.asarray(ends / ends[-1], dtype=np.float64)
