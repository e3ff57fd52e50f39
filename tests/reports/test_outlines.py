"""Position → Region."""

import math
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.geography import ancestors, descendants, regions
from reports.outlines import Outlines, Position, PositionError, outlines

LABELLED = [region for region in regions().values() if region.code and not descendants(region.code)]
LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)


def region_at(latitude: float, longitude: float) -> str | None:
    return outlines.region_at(Position(latitude, longitude))


@pytest.mark.parametrize(
    ("latitude", "longitude", "code"),
    [
        (37.77, -122.42, "US-CA"),
        (48.21, 16.37, "AT-9"),
        (51.51, -0.13, "GB-ENG"),
        (-23.55, -46.63, "BR-SP"),
        (78.22, 15.65, "SJ"),
        (-90.0, 0.0, "AQ"),
    ],
)
def test_position_on_land_lies_in_its_subdivision(
    latitude: float, longitude: float, code: str
) -> None:
    assert region_at(latitude, longitude) == code


def test_labels_lie_in_their_own_regions() -> None:
    # The Vatican has no outline, and one label of Iran's lies outside of its own.
    wrong = [
        region.code
        for region in LABELLED
        if region_at(region.latitude, region.longitude) != region.code
    ]

    assert wrong == ["IR-04", "VA"]


def test_position_a_little_off_the_shore_lies_in_the_subdivision() -> None:
    assert region_at(40.6, -73.85) == "US-NY"


def test_position_near_a_coast_lies_in_the_country() -> None:
    assert region_at(21.2, -158.2) == "US"


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(0.0, -30.0), (54.0, 8.0), (90.0, 0.0), (0.0, 180.0)]
)
def test_position_far_out_at_sea_lies_nowhere(latitude: float, longitude: float) -> None:
    assert region_at(latitude, longitude) is None


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(90.1, 0.0), (-91.0, 0.0), (0.0, 180.5), (0.0, -181.0), (math.nan, 0.0), (0.0, math.inf)],
)
def test_position_outside_of_the_earth_is_refused(latitude: float, longitude: float) -> None:
    with pytest.raises(PositionError, match="latitude must be within"):
        Position(latitude, longitude)


def test_position_is_never_written_out() -> None:
    assert "37" not in repr(Position(37.77, -122.42))


@given(LATITUDES, LONGITUDES)
def test_any_position_lies_in_a_known_region_or_nowhere(latitude: float, longitude: float) -> None:
    code = region_at(latitude, longitude)

    assert code is None or ancestors(code)[-1] == ""


@pytest.mark.slow
def test_threads_asking_at_once_get_the_same_answers() -> None:
    fresh = Outlines()
    positions = [Position(region.latitude, region.longitude) for region in LABELLED[::10]]

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(fresh.region_at, positions))

    assert answers == [outlines.region_at(position) for position in positions]
