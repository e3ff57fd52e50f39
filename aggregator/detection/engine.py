"""The detector: one minute of counts in, the Moves of Outages out.

The same Engine runs in the live system (which hands it a minute at a time from MinuteCount) and
in ``replay``. It reads no clock, no file and no database, and equal inputs give equal bits.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from aggregator.detection.baseline import Baseline, Quarter
from aggregator.detection.checkpoint import Saved, save
from aggregator.detection.gaps import GapWatch
from aggregator.detection.judge import Judge
from aggregator.detection.mood import BEFORE
from aggregator.detection.params import Parameters
from aggregator.detection.ring import MINUTES, Ring
from aggregator.detection.room import Room
from aggregator.detection.scan import spread
from aggregator.detection.scoring import usual_band
from aggregator.detection.sensitivity import Sensitivities
from aggregator.detection.series import SeriesTable
from aggregator.detection.survey import Survey, survey
from aggregator.detection.types import (
    Evidence,
    Move,
    NoEvidence,
    Numbers,
    State,
    Step,
    Topology,
)

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

QUARTER: Final = 15

_NO_EVIDENCE: Final = NoEvidence()


@dataclass(frozen=True, slots=True)
class Counts:
    """Reports of one minute: parallel arrays, each row Reports naming exactly that Region.

    Rows may repeat a (service, region); they add up.
    """

    services: Ints
    regions: Ints
    reports: Ints


class Engine:
    """Baselines, Scores and Outages of every Service, one minute after the other."""

    def __init__(self, topology: Topology, parameters: Parameters | None = None) -> None:
        """Start without any history."""
        self.topology = topology
        self.parameters = parameters or Parameters()
        self._minute: int | None = None
        self._series = SeriesTable(topology)
        self._ring = Ring()
        self._baseline = Baseline(topology)
        self._gaps = GapWatch()
        self._worlds: Ints = np.zeros(len(topology.services), np.int64)
        self._room = Room(self._series, self._ring, self._baseline, self.parameters)
        self._judge = Judge(self._room)

    @property
    def minute(self) -> int | None:
        """The last minute taken in; None before the first."""
        return self._minute

    def grow(self, topology: Topology) -> None:
        """Take a topology that has more (Services, Regions, dependencies), all old ones in place.

        Raises:
            ValueError: when an old Service or Region changed its index.
        """
        self._series.grow(topology)
        self.topology = topology
        if self._minute is not None:
            self._extend(self._minute + 1)

    def _extend(self, minute: int) -> None:
        """Make room everywhere for new Services and series."""
        old = self._ring.size
        self._ring.resize(len(self._series))
        self._baseline.grow(self.topology, self._series, minute // QUARTER)
        if self._ring.size > old:
            self._ring.assume(old, self._baseline.mean)
        self._judge.grow()
        self._gaps.grow(len(self.topology.services))
        members = self._series.members
        self._worlds = np.array([own[0] if own else 0 for own in members], np.int64)

    def advance(
        self,
        minute: int,
        counts: Counts,
        *,
        intake: bool | None = None,
        evidence: Evidence = _NO_EVIDENCE,
    ) -> Step:
        """Take exactly one UTC minute.

        Args:
            minute: minutes since 1970-01-01T00:00Z; one more than the last.
            counts: its Reports by Region named; descendants are added up here.
            intake: False when Reports could not come in (the minute is left out of everything),
                True when they could, None when that is not known: gaps are then inferred.
            evidence: asked only for Services that stand out.

        Raises:
            ValueError: when minutes are skipped or repeated.
        """
        if self._minute is None:
            self._begin(minute)
        elif minute != self._minute + 1:
            raise ValueError(f"minute {minute} does not follow {self._minute}")
        reports = self._series.add_up(counts.services, counts.regions, counts.reports)
        if len(self._series) != self._ring.size:
            self._extend(minute)
        missing = self._take(minute, reports, intake=intake)
        self._minute = minute
        moves = () if missing else tuple(self._judge.step(minute, evidence))
        if (minute + 1) % QUARTER == 0:
            self._fold(minute)
        return Step(minute, moves, missing)

    def _begin(self, minute: int) -> None:
        self._ring.minute = minute - 1
        self._judge.signs.first_minute = minute
        self._extend(minute)

    def _take(self, minute: int, reports: Floats, *, intake: bool | None) -> bool:
        """Put a minute into the ring, or leave it out; whether it was left out for all."""
        means = self._baseline.mean
        world_reports, world_means = reports[self._worlds], means[self._worlds]
        missing = self._gaps.missing(minute, world_reports, world_means, intake=intake)
        if missing:
            self._leave_out_silence(minute)
            self._ring.push(minute, np.zeros(len(reports)), np.zeros(len(reports)))
            return True
        late = self._gaps.catch_up(world_reports, world_means)
        if late.any():
            means = means.copy()
            for service in np.flatnonzero(late).tolist():
                own = np.array(self._series.members[service])
                reports[own] = means[own] = 0.0
                first = max(minute - int(self._gaps.service_minutes[service]), minute - 120)
                self._ring.leave_out(first, minute - 1, own)
        self._gaps.follow(world_reports, world_means)
        self._ring.push(minute, reports, means)
        return False

    def _leave_out_silence(self, minute: int) -> None:
        """When silence has just become a gap, take its earlier minutes out too."""
        since = self._gaps.since
        if since is not None and since < minute:
            self._ring.leave_out(max(since, minute - MINUTES + 8), minute - 1)
            self._gaps.since = minute

    def _fold(self, minute: int) -> None:
        out = self._judge.untaught(minute)
        ring = self._ring
        before = ring.span(QUARTER + BEFORE, QUARTER)
        quarter = Quarter(minute // QUARTER, ring.each(QUARTER), ring.expected(QUARTER), before)
        self._baseline.fold(self._series, quarter, out)
        ring.rebase()

    def tune(self, sensitivities: Sensitivities) -> None:
        """Let other sensitivities hold from the next minute on; no checkpoint keeps them."""
        self._room.sensitivities = sensitivities

    def close(self, service: str, minute: int) -> Move | None:
        """End the open Outage of a Service from outside (a moderator); None when there is none."""
        return self._judge.end(self.topology.services.index(service), minute)

    def confirm(self, service: str, minute: int) -> Move | None:
        """Confirm the possible Outage of a Service from outside; None when there is none."""
        return self._judge.affirm(self.topology.services.index(service), minute)

    def restate(self, service: str, minute: int, state: State) -> Move | None:
        """Put the Outage of a Service into a state from outside (a moderator took an act back).

        Returns:
            None when there was none, or it is in that state.
        """
        return self._judge.restate(self.topology.services.index(service), minute, state)

    def weigh(self, service: str) -> Numbers:
        """The numbers that the last minute would be judged by; a Score of 0: nothing stands out.

        Raises:
            ValueError: when the Service is not in the topology.
        """
        at = self.topology.services.index(service)
        sign = self._judge.signs.last.get(at)
        return self._judge.teller.numbers(self._room.world(at), sign)

    def standing(self) -> tuple[Move, ...]:
        """The open Outages as they stand at the end of the last minute, by Service.

        Each is a Move from and to the state it is in, with the figures of now (`peak_count` goes
        on growing between Moves).
        """
        return () if self._minute is None else tuple(self._judge.standing(self._minute))

    def survey(self) -> Survey:
        """How all Services and places look at the end of the last minute, for those who draw."""
        return survey(self._room)

    def expected(self, service: str, region: str, minutes: Ints) -> tuple[Floats, Floats, Floats]:
        """Mean, low and high (95 %) Reports a minute the Baseline expects, for any minutes.

        It is today's Baseline for all of them, past ones included; zeros for a series that no
        Report has named.

        Raises:
            ValueError: when the Service or Region is not in the topology.
        """
        number = self._series.number(
            self.topology.services.index(service), self.topology.regions.index(region)
        )
        if number is None:
            return np.zeros(len(minutes)), np.zeros(len(minutes)), np.zeros(len(minutes))
        quarters, back = np.unique(minutes // 15, return_inverse=True)
        mean = self._baseline.rates(self._series, number, quarters)[back]
        at = np.array([number])
        low, high = usual_band(mean, spread(self._baseline, at, np.array([1]))[0])
        return mean, low, high

    def checkpoint(self) -> bytes:
        """The whole state; `restore` and the same minutes then give the same bits.

        Raises:
            ValueError: before the first minute.
        """
        if self._minute is None:
            raise ValueError("nothing to save before the first minute")
        return save(self._series, self._ring, self._baseline, self._gaps, self._judge)

    @classmethod
    def restore(
        cls, saved: bytes, topology: Topology, parameters: Parameters | None = None
    ) -> "Engine":
        """An Engine as it was at `checkpoint`, its Services and Regions found again by name.

        Raises:
            ValueError: when the bytes are no checkpoint of this format.
        """
        old = Saved(saved, topology)
        engine = cls(topology, parameters)
        engine._series, engine._ring = old.series(), old.ring()
        engine._baseline, engine._gaps = old.baseline(), old.gaps()
        engine._room = Room(engine._series, engine._ring, engine._baseline, engine.parameters)
        engine._judge = Judge(engine._room)
        old.judge(engine._judge)
        engine._minute = engine._ring.minute
        engine._extend(engine._minute + 1)
        return engine
