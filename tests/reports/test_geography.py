"""The tree of Regions, and what people write for one."""

import csv
import json
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.env import PROJECT_ROOT
from reports import geography
from reports.geography import DATA, Kind, UnknownRegionError, code_of, regions
from reports.names import SPOKEN, local_name

CODES = st.sampled_from(sorted(regions()))


def test_tree_has_the_world_its_countries_and_their_subdivisions() -> None:
    kinds = [region.kind for region in regions().values()]

    assert {kind: kinds.count(kind) for kind in Kind} == {
        Kind.WORLD: 1,
        Kind.COUNTRY: 250,
        Kind.SUBDIVISION: 2834,
    }


def test_every_region_has_a_name_a_known_time_zone_and_a_weight() -> None:
    for region in regions().values():
        assert region.name
        assert ZoneInfo(region.time_zone).key == region.time_zone
        assert region.weight >= 1


def test_every_subdivision_lies_in_the_country_of_its_code() -> None:
    for region in regions().values():
        if region.kind is Kind.SUBDIVISION:
            assert region.parent == region.code[:2]


@pytest.mark.parametrize(
    ("code", "zone"),
    [
        ("US", "America/New_York"),  # most people, not the largest state
        ("AT", "Europe/Vienna"),  # its own name, not Berlin's
        ("RU", "Europe/Moscow"),
        ("CD", "Africa/Kinshasa"),
        ("PS", "Asia/Gaza"),
        ("CA-NL", "America/St_Johns"),
        ("US-CA", "America/Los_Angeles"),
        ("XK", "Europe/Belgrade"),
    ],
)
def test_time_zone_is_that_of_most_people(code: str, zone: str) -> None:
    assert regions()[code].time_zone == zone


def test_aliases_and_translated_names_speak_only_of_the_tree() -> None:
    files = [DATA / "region-aliases.csv", *(DATA / "names").glob("*.csv")]

    assert len(files) == 26
    for path in files:
        with path.open(encoding="utf-8", newline="") as lines:
            assert {row["code"] for row in csv.DictReader(lines)} <= set(regions())


def test_maps_draw_only_regions_of_the_tree() -> None:
    maps = sorted((PROJECT_ROOT / "web" / "data" / "maps").glob("*.json"))

    assert len(maps) == 165
    for path in maps:
        drawn = json.loads(path.read_text())
        assert set(drawn["paths"]) <= set(regions()), path.name


@given(CODES)
def test_ancestors_lead_to_the_world_and_descendants_lead_back(code: str) -> None:
    above = geography.ancestors(code)

    assert (above[-1:] == ("",)) == (code != "")
    assert all(code in geography.descendants(ancestor) for ancestor in above)


@given(CODES)
def test_children_name_their_parent(code: str) -> None:
    assert all(geography.parent(child) == code for child in geography.children(code))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("US-CA", "US-CA"),
        ("us-ca", "US-CA"),
        ("US_CA", "US-CA"),
        (" us ca ", "US-CA"),
        ("de", "DE"),
        ("uk", "GB"),
        ("USA", "US"),
        ("Germany", "DE"),
        ("CÔTE D'IVOIRE", "CI"),
        ("Bayern", "DE-BY"),
        ("são paulo", "BR-SP"),
        ("England", "GB-ENG"),
        ("Georgia", "GE"),
        ("Washington", "US-WA"),
        ("Bavière, Allemagne", "DE-BY"),
        ("ドイツ", "DE"),
        ("Georgia, US", "US-GA"),
        ("Georgia, United States", "US-GA"),
        ("worldwide", ""),
        ("", ""),
    ],
)
def test_what_people_write_becomes_a_code(text: str, code: str) -> None:
    assert code_of(text) == code


@pytest.mark.parametrize("language", SPOKEN)
def test_what_the_pages_call_a_country_is_understood(language: str) -> None:
    countries = [one for one in regions().values() if one.kind is Kind.COUNTRY]
    named = {one.code: local_name(one.code, one.name, language) for one in countries}
    assert {code: name for code, name in named.items() if code_of(name) != code} == {}


@given(CODES)
def test_code_is_known_in_any_case_and_with_an_underscore(code: str) -> None:
    assert code_of(code.lower()) == code
    assert code_of(code.title().replace("-", "_")) == code


def test_unknown_region_names_what_comes_near() -> None:
    with pytest.raises(UnknownRegionError, match=r"did you mean US-CA \(California\)"):
        code_of("Calfornia")


def test_unknown_region_with_nothing_near_says_what_to_send() -> None:
    with pytest.raises(UnknownRegionError, match="send an ISO 3166 code"):
        code_of("天国")


def test_name_of_several_regions_lists_them() -> None:
    with pytest.raises(UnknownRegionError, match=r"any of .*RW-02.*send the code"):
        code_of("Eastern Province")


def test_endless_name_is_refused() -> None:
    with pytest.raises(UnknownRegionError, match="at most 100 characters"):
        code_of("x" * 101)


@given(st.text(max_size=120))
@settings(max_examples=30)
def test_any_text_gives_a_code_or_a_clear_error(text: str) -> None:
    try:
        code = code_of(text)
    except UnknownRegionError as error:
        code = ""
        told = str(error)
    else:
        told = code

    assert code in regions()
    assert told or not text.strip()


def test_subdivision_of_another_country_is_not_taken() -> None:
    assert geography.subdivision_named("AT", "Bavaria") is None
