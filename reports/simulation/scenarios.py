"""Scenarios: what a made-up crowd reports, read from the YAML files in `reports/data/scenarios/`.

A file holds a `title`, `minutes` (how long it lasts; none: for ever) and `waves`. A wave is:

- `service`: its slug.
- `rate`: reports a minute; a number, or a list of `[minute, rate]` with straight lines between
  and nothing before and after.
- `regions`: codes and their shares; the code "" for senders who name no place.
- `problem_types`: slugs and their shares; left out for none.
- `networks`: in how many networks the senders are.
- `peak_hour`, `weekend`: for a daily rhythm: the busiest hour in UTC, and Saturday's and Sunday's
  share of a working day. The rate is then the one at the busiest hour.
"""

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parent.parent / "data" / "scenarios"
SATURDAY = 5
NIGHT_SHARE = 0.25

Shares = tuple[tuple[str, float], ...]


class ScenarioError(ValueError):
    """There is no such scenario, or its file is faulty; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Wave:
    """One service's part of a scenario; the module's docstring explains each field."""

    service: str
    rate: tuple[tuple[float, float], ...]
    regions: Shares
    problem_types: Shares
    networks: int
    peak_hour: float | None
    weekend: float

    def rate_at(self, minute: float, at: datetime) -> float:
        """Reports a minute at a moment of the scenario.

        Args:
            minute: since the scenario's start.
            at: that moment by the clock, aware, for the daily rhythm.
        """
        return _on_line(self.rate, minute) * self._rhythm(at.astimezone(UTC))

    def _rhythm(self, at: datetime) -> float:
        if self.peak_hour is None:
            return 1.0
        hour = at.hour + at.minute / 60
        wave = (1 + math.cos((hour - self.peak_hour) * math.tau / 24)) / 2
        day = self.weekend if at.weekday() >= SATURDAY else 1.0
        return day * (NIGHT_SHARE + (1 - NIGHT_SHARE) * wave)


@dataclass(frozen=True, slots=True)
class Scenario:
    """A made-up crowd. `minutes` is `None` when it goes on for ever."""

    name: str
    title: str
    minutes: int | None
    waves: tuple[Wave, ...]


def known() -> list[str]:
    """The names of all scenarios."""
    return sorted(file.stem for file in FOLDER.glob("*.yaml"))


def load(name: str) -> Scenario:
    """The scenario of a name.

    Raises:
        ScenarioError: when there is none, or its file is faulty.
    """
    if name not in known():
        message = f"There is no scenario {name!r}. Known are: {', '.join(known())}."
        raise ScenarioError(message)
    return parse(name, (FOLDER / f"{name}.yaml").read_text())


def parse(name: str, text: str) -> Scenario:
    """A scenario from the text of its file.

    Raises:
        ScenarioError: when the text is faulty.
    """
    try:
        data = yaml.safe_load(text)
        minutes = data.get("minutes")
        return Scenario(
            name=name,
            title=str(data["title"]),
            minutes=None if minutes is None else int(minutes),
            waves=tuple(_wave(wave) for wave in data["waves"]),
        )
    except KeyError as error:
        message = f"Scenario {name}: {error} is missing."
        raise ScenarioError(message) from error
    except (yaml.YAMLError, TypeError, ValueError, AttributeError) as error:
        message = f"Scenario {name}: {error}"
        raise ScenarioError(message) from error


def _wave(data: Mapping[str, object]) -> Wave:
    unknown = set(data) - set(Wave.__slots__)
    if unknown:
        message = f"unknown words: {', '.join(sorted(unknown))}"
        raise ValueError(message)
    peak_hour = data.get("peak_hour")
    return Wave(
        service=str(data["service"]),
        rate=_rate(data["rate"]),
        regions=_shares(data.get("regions", {"": 1})),
        problem_types=_shares(data.get("problem_types", {})),
        networks=int(str(data["networks"])),
        peak_hour=None if peak_hour is None else float(str(peak_hour)),
        weekend=float(str(data.get("weekend", 1))),
    )


def _rate(data: object) -> tuple[tuple[float, float], ...]:
    if isinstance(data, list):
        points = tuple((float(minute), float(rate)) for minute, rate in data)
        if list(points) != sorted(points, key=lambda point: point[0]):
            message = "the minutes of a rate must go up"
            raise ValueError(message)
        return points
    return ((-math.inf, float(str(data))), (math.inf, float(str(data))))


def _shares(data: object) -> Shares:
    if not isinstance(data, Mapping):
        message = f"shares must be a mapping, not {data!r}"
        raise TypeError(message)
    return tuple((str(key), float(share)) for key, share in data.items())


def _on_line(points: tuple[tuple[float, float], ...], minute: float) -> float:
    """The height at a minute of the line through points; 0 outside of them.

    >>> _on_line(((0, 0), (10, 100), (20, 100)), 5)
    50.0
    >>> _on_line(((0, 0), (10, 100)), 11)
    0.0
    """
    for (left, low), (right, high) in itertools.pairwise(points):
        if left <= minute < right:
            return low if low == high else low + (high - low) * (minute - left) / (right - left)
    return 0.0
