"""The detector: one minute of counts in, the Moves of Outages out.

The same Engine runs in the live system (which hands it a minute at a time from MinuteCount) and
in ``replay``. It reads no clock, no file and no database, and equal inputs give equal bits.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aggregator.detection.params import Parameters
from aggregator.detection.types import Evidence, Move, NoEvidence, Step, Topology, Verdict

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


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

    @property
    def minute(self) -> int | None:
        """The last minute taken in; None before the first."""
        raise NotImplementedError

    def grow(self, topology: Topology) -> None:
        """Take a topology that has more (Services, Regions, dependencies), all old ones in place.

        Raises:
            ValueError: when an old Service or Region changed its index.
        """
        raise NotImplementedError

    def advance(
        self,
        minute: int,
        counts: Counts,
        *,
        intake: bool | None = None,
        evidence: Evidence = NoEvidence(),
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
        raise NotImplementedError

    def close(self, service: str, minute: int) -> Move | None:
        """End the open Outage of a Service from outside (a moderator); None when there is none."""
        raise NotImplementedError

    def confirm(self, service: str, minute: int) -> Move | None:
        """Confirm the possible Outage of a Service from outside; None when there is none."""
        raise NotImplementedError

    def verdicts(self, services: Sequence[str] | None = None) -> tuple[Verdict, ...]:
        """How Services look at the end of the last minute; all with Reports when not named."""
        raise NotImplementedError

    def expected(self, service: str, region: str, minutes: Ints) -> tuple[Floats, Floats, Floats]:
        """Mean, low and high (95 %) Reports a minute the Baseline expects, for any minutes."""
        raise NotImplementedError

    def checkpoint(self) -> bytes:
        """The whole state; `restore` and the same minutes then give the same bits."""
        raise NotImplementedError

    @classmethod
    def restore(
        cls, saved: bytes, topology: Topology, parameters: Parameters | None = None
    ) -> "Engine":
        """An Engine as it was at `checkpoint`, its Services and Regions found again by name.

        Raises:
            ValueError: when the bytes are no checkpoint of this format.
        """
        raise NotImplementedError
