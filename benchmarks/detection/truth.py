"""What really happened in a made world: the yardstick of every figure in this benchmark.

All instants are whole minutes since the Unix epoch (UTC); a span is half open, ``[start, end)``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

VOLUMES = (0.02, 0.1, 0.5, 2.0, 10.0, 50.0)
"""Volume classes: the typical reports a minute of a service, worldwide, over the week."""

DAY = 1440
WEEK = 7 * DAY
YEAR = 365.25 * DAY


class OutageKind(StrEnum):
    """How an outage unfolds."""

    STEP = "step"
    RAMP = "ramp"
    BLIP = "blip"
    BURN = "burn"
    COUNTRY = "country"
    SUBDIVISION = "subdivision"
    STORY = "story"
    FLAPPING = "flapping"
    NINE_HOURS = "nine-hours"
    JOINT = "joint"
    NESTED = "nested"


class NuisanceKind(StrEnum):
    """What may look like an outage and is none.

    ``BACKGROUND`` is never planned: it names the false outages that no nuisance explains.
    """

    GAP = "gap"
    CATCH_UP = "catch-up"
    MISATTRIBUTED = "misattributed"
    ECHO = "echo"
    MATCH = "match"
    FLASH = "flash"
    SPAM = "spam"
    CRON = "cron"
    LAUNCH = "launch"
    TRIPLING = "tripling"
    HALVING = "halving"
    BACKGROUND = "background"


@dataclass(frozen=True, slots=True)
class ServiceTruth:
    """One made service.

    ``volume`` indexes `VOLUMES`; ``opened`` is the first minute it can be reported.
    """

    slug: str
    volume: int
    noise: str
    habit: str
    opened: int
    depends_on: str | None


@dataclass(frozen=True, slots=True)
class Outage:
    """One true outage of one service.

    ``end`` is the minute from which the excess stays under 10 % of ``peak`` (excess
    reports a minute, all regions). ``scope`` lists the Regions hit, ``()`` means worldwide.
    ``oracle`` is the minutes a test needs that knows onset, shape, size and background;
    None: even that one misses it. ``cause`` is the related service that is down as well.
    """

    service: str
    kind: OutageKind
    onset: int
    end: int
    peak: float
    scope: tuple[str, ...]
    cause: str | None
    oracle: int | None


@dataclass(frozen=True, slots=True)
class Nuisance:
    """One span in which a false outage is blamed on ``kind``; no ``service``: all of them."""

    service: str | None
    kind: NuisanceKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Truth:
    """All that is known of a world whose counts run over ``[start, end)``.

    What happens before ``test_start`` is history to learn from, with outages nobody labelled.
    """

    seed: int
    start: int
    test_start: int
    end: int
    services: tuple[ServiceTruth, ...]
    outages: tuple[Outage, ...]
    nuisances: tuple[Nuisance, ...]

    def service_years(self, services: tuple[ServiceTruth, ...] | None = None) -> float:
        """Years of test time, summed over ``services`` (default: all)."""
        chosen = self.services if services is None else services
        return sum(self.end - max(self.test_start, s.opened) for s in chosen) / YEAR


def write_truth(truth: Truth, path: Path) -> None:
    """Write ``truth`` as one JSON document."""
    path.write_text(json.dumps(asdict(truth), indent=1) + "\n", encoding="utf-8")


def read_truth(path: Path) -> Truth:
    """Read what `write_truth` wrote.

    Raises:
        KeyError: the document is not a truth file.
    """
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Truth(
        seed=raw["seed"],
        start=raw["start"],
        test_start=raw["test_start"],
        end=raw["end"],
        services=tuple(ServiceTruth(**row) for row in raw["services"]),
        outages=tuple(
            Outage(**{**row, "kind": OutageKind(row["kind"]), "scope": tuple(row["scope"])})
            for row in raw["outages"]
        ),
        nuisances=tuple(
            Nuisance(**{**row, "kind": NuisanceKind(row["kind"])}) for row in raw["nuisances"]
        ),
    )
