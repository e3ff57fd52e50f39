"""Moves as they are told: peaks, scope and the numbers behind them."""

import numpy as np
import numpy.typing as npt

from aggregator.detection.room import Room
from aggregator.detection.scan import spread
from aggregator.detection.scoring import usual_band
from aggregator.detection.signs import Sign
from aggregator.detection.states import Episode
from aggregator.detection.types import Move, Numbers, Reason, State

Ints = npt.NDArray[np.int64]


class Teller:
    """Keeps the best quarter-hour of every series, and writes Moves."""

    def __init__(self, room: Room) -> None:
        """Start without peaks."""
        self.room = room
        self.peak_counts = np.zeros(1)
        self.peak_means = np.zeros(1)

    def grow(self) -> None:
        """Make room for new series."""
        more = len(self.room.series) - len(self.peak_counts)
        if more:
            self.peak_counts = np.concatenate((self.peak_counts, np.zeros(more)))
            self.peak_means = np.concatenate((self.peak_means, np.zeros(more)))

    def begin(self, service: int) -> None:
        """Forget a Service's peaks; an Outage begins."""
        members = np.array(self.room.series.members[service])
        self.peak_counts[members] = 0.0
        self.follow([service])

    def follow(self, services: list[int]) -> None:
        """Keep the best quarter-hour of every series of Services in outage."""
        if not services:
            return
        members: Ints = np.concatenate([self.room.series.members[at] for at in services])
        counts = self.room.ring.observed(15, members)
        better = counts > self.peak_counts[members]
        at = members[better]
        self.peak_counts[at] = counts[better]
        self.peak_means[at] = self.room.ring.expected(15, at)

    def move(
        self,
        episode: Episode,
        origin: State | None,
        reason: Reason,
        minute: int,
        sign: Sign | None = None,
    ) -> Move:
        """The Move from `origin` to the Episode's present state."""
        topology = self.room.series.topology
        node = self.room.node(episode.service, episode.region)
        return Move(
            service=topology.services[episode.service],
            from_state=origin,
            to_state=episode.state,
            reason=reason,
            minute=minute,
            started=episode.started,
            regions=tuple(topology.regions[region] for region in episode.scope),
            region=topology.regions[episode.region],
            peak_count=int(self.peak_counts[node]),
            expected_at_peak=round(float(self.peak_means[node]), 3),
            cause=topology.services[episode.cause] if episode.cause >= 0 else None,
            numbers=self.numbers(node, sign),
        )

    def numbers(self, node: int, sign: Sign | None) -> Numbers:
        """The numbers of a sign; without one, those of a series' last quarter-hour."""
        room = self.room
        at = np.array([node if sign is None else sign.series])
        window = 15 if sign is None else sign.window
        expected = room.ring.expected(window, at)
        low, high = usual_band(expected, spread(room.baseline, at, np.array([window]))[0])
        return Numbers(
            region=room.series.topology.regions[int(room.series.region[at[0]])],
            window=window,
            observed=int(room.ring.observed(window, at)[0]),
            expected=round(float(expected[0]), 3),
            low=round(float(low[0]), 1),
            high=round(float(high[0]), 1),
            z=0.0 if sign is None else round(sign.z, 2),
            networks=None if sign is None else sign.networks,
            parameters=room.parameters.version,
            sensitivity=str(room.sensitivity(int(room.series.service[at[0]]))),
            bar=None if sign is None else round(sign.bar, 2),
        )
