"""The services of a made world: how big, how used, how noisy, and who depends on whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.detection.truth import DAY, VOLUMES, WEEK, ServiceTruth
from benchmarks.detection.worlds.habits import Habit, local_slots, weekly_shape
from benchmarks.detection.worlds.noise import Noise, Temper, draw_temper
from benchmarks.detection.worlds.places import Leaf, draw_leaves, draw_shares

if TYPE_CHECKING:
    from numpy.typing import NDArray

_PARENT_VOLUME = 3
_LAUNCH_VOLUME = 1
_LAUNCH_EVERY = 14


@dataclass(frozen=True, slots=True)
class Stage:
    """Where and when: the leaves and, for each, the local week's slot of every quarter-hour.

    ``start`` is in minutes since the epoch, at a Monday's midnight UTC; ``history`` and
    ``length`` are minutes from there. Slots have one row a leaf; in ``holidays`` the slots of
    two working days a country are a Sunday's, in ``slots`` they are what the calendar says.
    """

    start: int
    history: int
    length: int
    leaves: tuple[Leaf, ...]
    slots: NDArray[np.int64]
    holidays: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Member:
    """One service with what only the world's maker knows of it.

    ``rate`` is its mean reports a minute at the start, ``shares`` its crowd by leaf,
    ``shape`` its local week; ``growth`` the factor over the whole time; ``unknown`` and
    ``country_only`` how reports name places (see `places.reporting`).
    """

    truth: ServiceTruth
    temper: Temper
    rate: float
    shares: NDArray[np.float64]
    shape: NDArray[np.float64]
    growth: float
    unknown: float
    country_only: float

    def activity(self, stage: Stage, minute: int) -> NDArray[np.float64]:
        """Relative use in each leaf at ``minute`` of the stage (mean 1 over the week)."""
        return np.asarray(self.shape[stage.slots[:, minute // 15]])


def draw_stage(start: int, history: int, weeks: int, rng: np.random.Generator) -> Stage:
    """A stage of ``history`` + ``weeks`` weeks from ``start``, with two holidays a country."""
    leaves = draw_leaves(rng)
    length = (history + weeks) * WEEK
    days = start // DAY + rng.integers(7, length // DAY, (64, 2))
    countries = dict.fromkeys(leaf.country for leaf in leaves)
    off = {
        country: (int(one), int(two)) for country, (one, two) in zip(countries, days, strict=False)
    }

    def slots(holidays: dict[str, tuple[int, int]]) -> NDArray[np.int64]:
        return np.stack(
            [
                local_slots(leaf.zone, start, length // 15, holidays.get(leaf.country, ()))
                for leaf in leaves
            ]
        )

    return Stage(start, history * WEEK, length, leaves, slots({}), slots(off))


def draw_cast(stage: Stage, services: int, rng: np.random.Generator) -> tuple[Member, ...]:
    """Services over all volume classes and families of noise, in turn.

    A quarter depend on a bigger one; one in fourteen or fewer opens within the test weeks.
    """
    noises = rng.permutation(np.resize(list(Noise), services))
    truths: list[ServiceTruth] = []
    for number in range(services):
        volume = number % len(VOLUMES)
        parents = [t.slug for t in truths if t.volume >= _PARENT_VOLUME and t.depends_on is None]
        small = volume < _PARENT_VOLUME and number > len(VOLUMES)
        depends_on = str(rng.choice(parents[:4])) if small and rng.random() < 1 / 2 else None
        rare = number % _LAUNCH_EVERY == _LAUNCH_EVERY - 1
        launched = rare and volume >= _LAUNCH_VOLUME and depends_on is None
        opened = int(rng.uniform(0.1, 0.6) * (stage.length - stage.history)) // 15 * 15
        truths.append(
            ServiceTruth(
                slug=f"s{number:02d}-v{VOLUMES[volume]:g}".replace(".", "p"),
                volume=volume,
                noise=str(Noise(noises[number])),
                habit=str(rng.choice(list(Habit), p=(0.4, 0.2, 0.15, 0.1, 0.15))),
                opened=stage.start + (stage.history + opened if launched else 0),
                depends_on=depends_on,
            )
        )
    return tuple(_member(stage, truth, rng) for truth in truths)


def _member(stage: Stage, truth: ServiceTruth, rng: np.random.Generator) -> Member:
    return Member(
        truth=truth,
        temper=draw_temper(Noise(truth.noise), rng),
        rate=VOLUMES[truth.volume] * float(rng.lognormal(0, 0.3)),
        shares=draw_shares(stage.leaves, rng),
        shape=weekly_shape(Habit(truth.habit), float(rng.normal(0, 0.5))),
        growth=1 + float(rng.uniform(-0.1, 0.5)),
        unknown=float(rng.uniform(0.03, 0.12)),
        country_only=float(rng.uniform(0.1, 0.4)),
    )
