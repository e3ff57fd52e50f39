"""How readily Outages are told: a step for the site, by volume class and by Service.

A step multiplies what a Score must reach and how many Reports over the expected it takes; the
Parameters stay as they are. What was measured for each step is in ``docs/method.md``.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from math import sqrt
from typing import Final

import numpy as np
import numpy.typing as npt

from aggregator.detection.params import Thresholds

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


class Sensitivity(StrEnum):
    """A step, from the fewest Outages told to the most."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Factors:
    """What a step multiplies: the Scores asked for, and the Reports over the expected.

    A jump's Score is multiplied by the root alone: lowered as far as the others, it told 2.7
    false outages a service-year instead of 1.9, for 0.3 % more found (M5).
    """

    scores: float
    reports: float

    def of(self, thresholds: Thresholds) -> Thresholds:
        """Thresholds times the factors.

        >>> FACTORS[Sensitivity.HIGH].of(Thresholds(possible_excess=10.0)).possible_excess
        8.0
        """
        return Thresholds(
            possible_z=self.scores * thresholds.possible_z,
            sudden_z=sqrt(self.scores) * thresholds.sudden_z,
            confirmed_z=self.scores * thresholds.confirmed_z,
            possible_excess=self.reports * thresholds.possible_excess,
            slow_excess=self.reports * thresholds.slow_excess,
            confirmed_excess=self.reports * thresholds.confirmed_excess,
        )


FACTORS: Final[Mapping[Sensitivity, Factors]] = {
    Sensitivity.LOW: Factors(1.25, 1.5),
    Sensitivity.NORMAL: Factors(1.0, 1.0),
    # Eight Reports over the expected are four networks: a flood from three stays unheard.
    Sensitivity.HIGH: Factors(0.85, 0.8),
}
_STEPS: Final = tuple(Sensitivity)
_TABLE: Final = np.array([(FACTORS[step].scores, FACTORS[step].reports) for step in _STEPS])


@dataclass(frozen=True)
class Sensitivities:
    """The steps that hold at one time.

    Attributes:
        site: by volume class: pairs (usual Reports a day at least, step), ascending from 0.
        services: overrides by slug; they win over the site's.
    """

    site: tuple[tuple[float, Sensitivity], ...] = ((0.0, Sensitivity.NORMAL),)
    services: Mapping[str, Sensitivity] = field(default_factory=dict)

    def of(self, slug: str, reports_per_day: float) -> Sensitivity:
        """The step of one Service, given its usual volume.

        >>> parse_site("normal,1000:low").of("web", 2000.0).value
        'low'
        """
        if slug in self.services:
            return self.services[slug]
        at = bisect_right([least for least, _ in self.site], reports_per_day) - 1
        return self.site[max(at, 0)][1]

    @cached_property
    def is_plain(self) -> bool:
        """Whether everything is `normal`."""
        steps = {step for _, step in self.site} | set(self.services.values())
        return steps == {Sensitivity.NORMAL}

    def factors(self, slugs: tuple[str, ...], reports_per_day: Floats) -> tuple[Floats, Floats]:
        """Factors on Scores and on Reports, by Service, as two arrays."""
        edges = np.array([least for least, _ in self.site])
        classes = np.array([_STEPS.index(step) for _, step in self.site])
        at = classes[np.maximum(np.searchsorted(edges, reports_per_day, side="right") - 1, 0)]
        if self.services:
            where = {slug: number for number, slug in enumerate(slugs)}
            for slug, step in self.services.items():
                if slug in where:
                    at[where[slug]] = _STEPS.index(step)
        return _TABLE[at, 0], _TABLE[at, 1]


def parse_site(text: str) -> Sensitivities:
    """The site's steps, written as ``normal`` or ``normal,1000:low`` (from 1,000 Reports a day).

    Raises:
        ValueError: when a step is unknown or the classes do not ascend.

    >>> parse_site("high, 100:normal, 5000:low").site[1]
    (100.0, <Sensitivity.NORMAL: 'normal'>)
    """
    first, *more = (part.strip() for part in text.split(","))
    site = [(0.0, _step(first))]
    for part in more:
        least, _colon, step = part.partition(":")
        if not least.isdecimal() or float(least) <= site[-1][0]:
            message = f"{part!r}: classes are written as 1000:low, each above the one before"
            raise ValueError(message)
        site.append((float(least), _step(step)))
    return Sensitivities(tuple(site))


def _step(text: str) -> Sensitivity:
    if text not in _STEPS:
        message = f"{text!r} is none of {', '.join(_STEPS)}"
        raise ValueError(message)
    return Sensitivity(text)


@dataclass(frozen=True, slots=True)
class Change:
    """What holds from a minute on.

    Attributes:
        minute: the first minute it holds for, since 1970.
        service: slug; empty for the site.
        value: a step, or for a Service nothing: it follows the site again; for the site as
            `parse_site` takes it.

    Raises:
        ValueError: when the value is none of these.
    """

    minute: int
    service: str
    value: str

    def __post_init__(self) -> None:
        """Refuse what could not be followed."""
        if not self.service:
            parse_site(self.value)
        elif self.value:
            _step(self.value)


class Course:
    """All changes there were: what held when."""

    def __init__(self, changes: Iterable[Change] = ()) -> None:
        """Take the changes; of two for one minute the later one in order holds."""
        self._minutes: list[int] = []
        self._held = [Sensitivities()]
        for change in sorted(changes, key=lambda change: change.minute):
            self._minutes.append(change.minute)
            self._held.append(_changed(self._held[-1], change))

    def at(self, minute: int) -> Sensitivities:
        """What holds in a minute.

        >>> course = Course([Change(5, "web", "low"), Change(9, "web", "")])
        >>> [course.at(minute).of("web", 0.0).value for minute in (4, 5, 9)]
        ['normal', 'low', 'normal']
        """
        return self._held[bisect_right(self._minutes, minute)]


def _changed(held: Sensitivities, change: Change) -> Sensitivities:
    if not change.service:
        return Sensitivities(parse_site(change.value).site, held.services)
    others = {slug: step for slug, step in held.services.items() if slug != change.service}
    if change.value:
        others[change.service] = Sensitivity(change.value)
    return Sensitivities(held.site, others)
