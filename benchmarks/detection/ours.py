"""Our detector on a made world: the production Engine, a minute at a time, in process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aggregator.detection import Counts, Engine, Parameters, State, Topology
from benchmarks.detection.scoring import Record
from benchmarks.detection.worlds.places import ZONES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aggregator.detection import Move
    from benchmarks.detection.worlds.world import World


def topology_of(world: World) -> Topology:
    """The world's services, Regions with their clocks, and who depends on whom."""
    slugs = tuple(service.slug for service in world.truth.services)
    return Topology(
        services=slugs,
        regions=world.codes,
        parents=tuple(
            -1 if code == "" else world.codes.index(code.partition("-")[0] if "-" in code else "")
            for code in world.codes
        ),
        zones=tuple(ZONES.get(code, "UTC") for code in world.codes),
        dependencies=tuple(
            (child, slugs.index(service.depends_on))
            for child, service in enumerate(world.truth.services)
            if service.depends_on is not None
        ),
    )


def detect(world: World, parameters: Parameters | None = None) -> list[Record]:
    """The outages that our detector makes of ``world``, history and test weeks."""
    engine = Engine(topology_of(world), parameters or Parameters())
    moves: list[Move] = []
    for day, (minute, service, region, count) in enumerate(world.days()):
        edges = np.searchsorted(minute, np.arange(1440 * day, 1440 * (day + 1) + 1))
        for k in range(1440):
            part = slice(edges[k], edges[k + 1])
            counts = Counts(service[part], region[part], count[part])
            at = world.truth.start + 1440 * day + k
            moves += engine.advance(at, counts).moves
    return fold(moves)


def fold(moves: Iterable[Move]) -> list[Record]:
    """One record an outage; a re-opened one is the same, its last end counts."""
    records: list[Record] = []
    current: dict[str, int] = {}
    for move in moves:
        end = move.minute + 1
        regions = tuple(region for region in move.regions if region)
        if move.from_state is None:
            current[move.service] = len(records)
            records.append(Record(move.service, end, None, None, regions, move.cause))
        old = records[current[move.service]]
        records[current[move.service]] = Record(
            service=old.service,
            detected_at=old.detected_at,
            confirmed_at=(
                end
                if old.confirmed_at is None and move.to_state is State.CONFIRMED
                else old.confirmed_at
            ),
            ended_at=end if move.to_state is State.OVER else None,
            regions=regions,
            cause=move.cause or old.cause,
        )
    return records
