"""Whether an Outage is over: its crowd has gone, all is as usual, or the usual is another."""

from typing import Final

import numpy as np
import numpy.typing as npt

from aggregator.detection.room import Room
from aggregator.detection.scan import spread
from aggregator.detection.states import (
    BLOCK,
    Block,
    Episode,
    Part,
    by_part,
    follow_quiet,
    is_new_usual,
    judge_plateau,
    quiet_evidence,
)
from aggregator.detection.types import Reason

Ints = npt.NDArray[np.int64]

TELLING_REPORTS: Final = 10.0
"""Reports an Outage at its peak would bring while its absence is made sure of (e^-10)."""
LONGEST_WAIT: Final = 120


class Endings:
    """Looks at the counts of an open Outage for each way it may end."""

    def __init__(self, room: Room) -> None:
        """Nothing is remembered here; Episodes hold what is."""
        self.room = room

    def find(self, episode: Episode, node: int, minute: int) -> Reason | None:
        """Why an Outage is over, None when it goes on; a new usual is taken into the Baseline.

        Args:
            episode: the open Outage; what it remembers of its counts is brought up to date.
            node: number of the series in which it must go quiet.
            minute: the minute just taken in.
        """
        room, at = self.room, np.array([node])
        reports, usual = float(room.ring.observed(1, at)[0]), float(room.ring.expected(1, at)[0])
        dispersion = float(room.baseline.slow[node] + room.baseline.fast[node])
        evidence = quiet_evidence(reports, usual, max(episode.peak_excess, 0.1), dispersion)
        gone = follow_quiet(episode, evidence, room.parameters.quiet_nats)
        if gone or self._is_usual_again(episode, at, minute):
            return Reason.QUIET
        if self._is_new_usual(episode, at, minute):
            self._adopt(episode)
            return Reason.ADOPTED
        return None

    def _is_usual_again(self, episode: Episode, at: Ints, minute: int) -> bool:
        """Whether nothing stood out for half an hour and its Reports were no more than usual."""
        usual_minutes = self.room.parameters.usual_minutes
        wait = TELLING_REPORTS / max(episode.peak_excess, 1e-3)
        usual_minutes = int(min(max(usual_minutes, wait), LONGEST_WAIT))
        if minute - episode.seen < usual_minutes:
            return False
        reports = float(self.room.ring.observed(usual_minutes, at)[0])
        usual = float(self.room.ring.expected(usual_minutes, at)[0])
        least = max(0.1 * usual + usual**0.5, 0.1 * usual_minutes * episode.peak_excess)
        return bool(reports <= usual + least)

    def _is_new_usual(self, episode: Episode, at: Ints, minute: int) -> bool:
        age = minute - episode.opened
        if age % BLOCK or not age:
            return False
        ring, parameters = self.room.ring, self.room.parameters
        sums = float(ring.observed(BLOCK, at)[0]), float(ring.expected(BLOCK, at)[0])
        episode.blocks.append(sums)
        episode.parts.append(self._parts(episode))
        length = minute - episode.since
        if length >= parameters.longest_minutes:
            return True
        if length < parameters.plateau_minutes:
            return False
        parts = by_part(episode.parts)
        plateau = judge_plateau(
            self._part(int(at[0]), episode.blocks),
            [self._part(self.room.node(episode.service, r), own) for r, own in parts.items()],
        )
        return is_new_usual(plateau, length, parameters)

    def _part(self, number: int, blocks: list[Block]) -> Part:
        """Blocks of a series with what is known of its noise."""
        baseline = self.room.baseline
        variance = spread(baseline, np.array([number]), np.array([BLOCK]))
        return Part(blocks, float(variance[0, 0]), float(baseline.doubt[number]))

    def _parts(self, episode: Episode) -> list[tuple[int, float, float]]:
        """Reports and expected of the last quarter-hour in the children of its reach."""
        series, ring = self.room.series, self.room.ring
        members = np.array(series.members[episode.service])
        parents = np.array(series.topology.parents)[series.region[members]]
        at = members[parents == episode.reach]
        regions = series.region[at].tolist()
        observed, expected = ring.observed(BLOCK, at).tolist(), ring.expected(BLOCK, at).tolist()
        return list(zip(regions, observed, expected, strict=True))

    def _adopt(self, episode: Episode) -> None:
        """Make the rate of the last two hours the level of every series of the Service."""
        members = np.array(self.room.series.members[episode.service])
        observed = self.room.ring.observed(120, members)
        expected = self.room.ring.expected(120, members)
        ratio = self.room.baseline.adopt(members, observed, expected)
        self.room.ring.rescale(members, ratio)
