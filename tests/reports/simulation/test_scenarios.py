"""The scenario files: what ships is sound, faults are told."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from reports import catalogue_file, geography
from reports.simulation import crowd, scenarios
from reports.simulation.scenarios import ScenarioError

START = datetime(2026, 3, 18, 14, tzinfo=UTC)
FAULTY = {
    "waves: []": "'title' is missing",
    "title: x": "'waves' is missing",
    "title: x\nwaves: [{rate: 1, networks: 1}]": "'service' is missing",
    "title: x\nwaves: [{service: a, rate: [[5, 1], [0, 1]], networks: 1}]": "must go up",
    "title: x\nwaves: [{service: a, rate: 1, networks: 1, color: red}]": "unknown words: color",
    "title: x\nwaves: [{service: a, rate: many, networks: 1}]": "many",
    "title: x\nwaves: [{service: a, rate: 1, networks: 1, regions: US}]": "shares",
    "title: [": "Scenario faulty",
    "just words": "Scenario faulty",
}


def waves() -> Iterator[tuple[str, scenarios.Wave]]:
    for name in scenarios.known():
        for wave in scenarios.load(name).waves:
            yield f"{name}: {wave.service}", wave


def test_the_story_of_the_readme_ships() -> None:
    assert "claude-2026-03-18" in scenarios.known()


def test_an_unknown_scenario_is_answered_with_those_that_are_known() -> None:
    with pytest.raises(ScenarioError, match=r"no scenario 'x'.*claude-2026-03-18"):
        scenarios.load("x")


@pytest.mark.parametrize("text", FAULTY)
def test_a_fault_is_told(text: str) -> None:
    with pytest.raises(ScenarioError, match=FAULTY[text]):
        scenarios.parse("faulty", text)


@pytest.mark.parametrize("wave", [wave for _, wave in waves()], ids=[name for name, _ in waves()])
def test_shipped_waves_name_what_exists(wave: scenarios.Wave) -> None:
    services = {entry.slug: entry for entry in catalogue_file.read(catalogue_file.SHIPPED).services}
    known = set(geography.regions())

    assert wave.service in services
    assert {code for code, _ in wave.regions} <= known
    types = {slug for slug, _ in wave.problem_types}
    assert types <= {kind.slug for kind in services[wave.service].problem_types}


def test_a_daily_rhythm_is_highest_at_its_hour_and_low_at_night() -> None:
    wave = scenarios.parse(
        "x", "title: x\nwaves: [{service: a, rate: 8, networks: 1, peak_hour: 14, weekend: 0.5}]"
    ).waves[0]

    assert wave.rate_at(0, START) == pytest.approx(8)
    assert wave.rate_at(0, START.replace(hour=2)) == pytest.approx(2)
    assert wave.rate_at(0, START.replace(day=21)) == pytest.approx(4)


def test_the_story_has_its_figures() -> None:
    told = scenarios.load("claude-2026-03-18")

    voices = list(crowd.voices(told, START))

    worst = max(in_quarter(voices, first) for first in range(60))
    assert 5_000 <= worst <= 5_600
    later = max(in_quarter(voices, first, "US") for first in range(80, 140))
    assert 900 <= later <= 1_200


def in_quarter(voices: list[crowd.Voice], first: int, region: str = "") -> int:
    return sum(first <= v.minute < first + 15 and v.region.startswith(region) for v in voices)
