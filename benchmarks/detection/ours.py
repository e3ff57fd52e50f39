"""Our detector on a made world: the production Engine, a minute at a time, in process.

Minutes are fed from arrays, which spares writing and parsing tens of millions of rows; all else
is as `aggregator.replay` does it (Services and Regions become known with their first report).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from aggregator import replay, replay_files
from aggregator.detection import Counts, Engine, Parameters
from aggregator.detection.sensitivity import Sensitivities
from benchmarks.detection.scoring import Record
from benchmarks.detection.worlds.files import to_minute

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from aggregator.detection import Move
    from benchmarks.detection.worlds.world import World


@dataclass(slots=True)
class Numbering:
    """The numbers that a replay gives the world's services and Regions as they appear."""

    world: World
    places: replay_files.Places
    services: NDArray[np.int64] = field(init=False)
    regions: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        """Start with nothing known."""
        self.services = np.full(len(self.world.rows), -1)
        self.regions = np.full(len(self.world.codes), -1)

    def number(self, service: NDArray[np.int64], region: NDArray[np.int64]) -> bool:
        """Number those of these rows that are new; whether there were any."""
        before = self.places.size()
        if (self.services[service] < 0).any() or (self.regions[region] < 0).any():
            for s, r in zip(service.tolist(), region.tolist(), strict=True):
                self.services[s] = self.places.service(self.world.truth.services[s].slug)
                self.regions[r] = self.places.region(self.world.codes[r])
        return self.places.size() != before


def detect(
    world: World, parameters: Parameters | None = None, held: Sensitivities | None = None
) -> list[Record]:
    """The outages that our detector makes of ``world``, history and test weeks.

    ``held`` are the sensitivities that hold all along; every Service is `normal` without.
    """
    dependencies = tuple((s.slug, s.depends_on) for s in world.truth.services if s.depends_on)
    numbering = Numbering(world, replay_files.Places(world.zones, dependencies))
    engine: Engine | None = None
    moves: list[Move] = []
    for minute, (service, region, count) in _minutes(world):
        if engine is None and not service.size:
            continue
        grown = numbering.number(service, region)
        if engine is None:
            engine = Engine(numbering.places.topology(), parameters)
            engine.tune(held or Sensitivities())
        elif grown:
            engine.grow(numbering.places.topology())
        counts = Counts(numbering.services[service], numbering.regions[region], count)
        moves += engine.advance(minute, counts).moves
    return [from_replay(record) for record in replay.gather(moves)]


def _minutes(world: World) -> Iterator[tuple[int, tuple[NDArray[np.int64], ...]]]:
    """Every minute since the epoch with its service, region and count columns."""
    for day, (minute, *columns) in enumerate(world.days()):
        edges = np.searchsorted(minute, np.arange(1440 * day, 1440 * (day + 1) + 1))
        for k in range(1440):
            part = slice(edges[k], edges[k + 1])
            yield world.truth.start + 1440 * day + k, tuple(column[part] for column in columns)


def from_replay(record: replay.Record) -> Record:
    """One Outage of a replay as the benchmark's `Record`."""
    ended, confirmed = record.ended_at, record.confirmed_at
    return Record(
        service=record.service,
        detected_at=to_minute(record.detected_at),
        confirmed_at=None if confirmed is None else to_minute(confirmed),
        ended_at=None if ended is None else to_minute(ended),
        regions=record.regions,
        cause=record.cause,
    )
