"""Our detector on one small made world, fixed for good: it fails when accuracy falls.

The world holds four weeks of 24 services, half of them history, and 36 outages. The bounds leave
room for one or two faults more than the detector made when they were set.
"""

from __future__ import annotations

import pytest

from aggregator import replay, replay_files
from benchmarks.detection.figures import Figures, sum_up
from benchmarks.detection.ours import detect, from_replay
from benchmarks.detection.peers.field import oracle
from benchmarks.detection.scoring import score
from benchmarks.detection.truth import NuisanceKind
from benchmarks.detection.worlds.files import count_lines
from benchmarks.detection.worlds.places import ZONES
from benchmarks.detection.worlds.world import World, make_world

pytestmark = pytest.mark.slow

SEED = 11


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(SEED, services=24, history=2, weeks=2)


@pytest.fixture(scope="module")
def figures(world: World) -> Figures:
    return sum_up("Outcry", [score(world.truth, detect(world))])


def test_world_can_be_told_by_an_oracle(world: World) -> None:
    assert sum_up("oracle", [oracle(world.truth)]).found.share.value > 0.95


def test_most_outages_are_found_and_soon(figures: Figures) -> None:
    assert figures.found.share.value >= 0.88
    assert figures.found.median is not None
    assert figures.found.median <= 8
    assert figures.big.share.value >= 0.88
    assert figures.big.median is not None
    assert figures.big.median <= 5


def test_the_story_is_found_at_once(figures: Figures) -> None:
    story = figures.kinds["story"]

    assert story.share.value == 1
    assert story.p90 is not None
    assert story.p90 <= 5


def test_few_outages_are_false(figures: Figures) -> None:
    assert sum(figures.blames.values()) <= 2
    assert figures.blames[str(NuisanceKind.CATCH_UP)] == 0
    assert figures.false_confirmed.value * figures.service_years <= 1


def test_outages_stay_open_and_whole(figures: Figures) -> None:
    assert figures.closing.early.value <= 0.13
    assert figures.closing.split.value <= 0.03
    assert figures.closing.placed.value >= 0.9


def test_no_child_is_confirmed_on_its_own(figures: Figures) -> None:
    assert figures.children_confirmed == 0


def test_files_replay_to_the_same_outages() -> None:
    small = make_world(SEED, services=9, history=1, weeks=1)
    children = tuple((s.slug, s.depends_on) for s in small.truth.services if s.depends_on)
    places = replay_files.Places(ZONES, children)

    by_file = [from_replay(r) for r in replay.replay(count_lines(small), places)]

    assert by_file == detect(small)
    assert by_file
