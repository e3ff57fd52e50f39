"""The order of clues, and each of them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mmdb_writer import MMDBWriter
from netaddr import IPSet

from reports.geography import UnknownRegionError
from reports.locate import (
    Clues,
    NetworkFileError,
    NetworkRegions,
    Place,
    country_of_languages,
    locate,
)
from reports.models.report import RegionSource
from reports.outlines import Position

RECORDS: dict[str, dict[str, object] | str] = {
    # like GeoIP2, with codes and names
    "203.0.113.0/28": {
        "country": {"iso_code": "US"},
        "subdivisions": [{"iso_code": "CA", "names": {"en": "California", "de": "Kalifornien"}}],
    },
    # like DB-IP, with names only
    "203.0.113.16/28": {
        "country": {"iso_code": "DE"},
        "subdivisions": [{"names": {"en": "Bavaria"}}],
    },
    # the deeper of two, where it is known; else the larger
    "203.0.113.32/28": {
        "country": {"iso_code": "GB"},
        "subdivisions": [
            {"iso_code": "ENG", "names": {"en": "England"}},
            {"iso_code": "ZZZ", "names": {"en": "Nowhere-under-Edge"}},
        ],
    },
    # a code from before a renumbering: the name counts
    "203.0.113.48/28": {
        "country": {"iso_code": "IR"},
        "subdivisions": [{"iso_code": "07", "names": {"en": "Tehran"}}],
    },
    "203.0.113.64/28": {"country": {"iso_code": "AT"}},
    "203.0.113.80/28": {"country": {"iso_code": "ZZ"}},
    "203.0.113.96/28": {"country": "US"},
    "203.0.113.112/28": {"subdivisions": [{"iso_code": 7}]},
    "203.0.113.128/28": "Atlantis",
    "203.0.113.144/28": {"country": {"iso_code": "FR"}, "subdivisions": [{}]},
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("networks") / "city.mmdb"
    writer = MMDBWriter(4, "Test-City")
    for network, record in RECORDS.items():
        writer.insert_network(IPSet([network]), record)
    writer.to_db_file(str(path))
    return path


@pytest.fixture(scope="module")
def networks(database: Path) -> NetworkRegions:
    return NetworkRegions(database)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("203.0.113.1", "US-CA"),
        ("203.0.113.17", "DE-BY"),
        ("203.0.113.33", "GB-ENG"),
        ("203.0.113.49", "IR-23"),
        ("203.0.113.65", "AT"),
        ("203.0.113.145", "FR"),
    ],
)
def test_network_gives_the_deepest_known_region(
    networks: NetworkRegions, address: str, code: str
) -> None:
    assert networks.region_of(address) == code


@pytest.mark.parametrize(
    "address",
    [
        "203.0.113.81",  # a country that is none
        "203.0.113.97",  # another layout
        "203.0.113.113",
        "203.0.113.129",
        "198.51.100.1",  # not listed
        "2001:db8::1",  # IPv6 in a database without
        "no address",
        "",
    ],
)
def test_network_without_a_usable_record_gives_none(networks: NetworkRegions, address: str) -> None:
    assert networks.region_of(address) is None


def test_damaged_database_never_raises(database: Path, tmp_path: Path) -> None:
    whole = database.read_bytes()
    middle = len(whole) // 3
    damaged = tmp_path / "damaged.mmdb"
    damaged.write_bytes(
        whole[:middle]
        + bytes(255 - byte for byte in whole[middle : middle + 60])
        + whole[middle + 60 :]
    )
    networks = NetworkRegions(damaged)

    answers = {networks.region_of(f"203.0.113.{host}") for host in range(256)}

    assert answers <= {
        None,
        "US",
        "US-CA",
        "DE",
        "DE-BY",
        "GB",
        "GB-ENG",
        "IR",
        "IR-23",
        "AT",
        "FR",
    }


@pytest.mark.parametrize("content", [b"", b"not a database", None])
def test_unusable_file_is_refused_with_its_name(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "city.mmdb"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(NetworkFileError, match=r"city\.mmdb: .*GeoIP2 or DB-IP"):
        NetworkRegions(path)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("de-AT", "AT"),
        ("de-at,de;q=0.9,en-US;q=0.8,en;q=0.7", "AT"),
        ("en;q=0.5, pt-BR;q=0.9", "BR"),
        ("de,de-CH;q=0.9,en-US;q=0.8", "CH"),
        ("zh-Hant-TW", "TW"),
        ("ca-ES-valencia", "ES"),
        ("de", None),
        ("de,en-US;q=0.7,en;q=0.3", None),
        ("es-419", None),
        ("en-ZZ", None),
        ("en-US;q=0", None),
        ("*", None),
        ("", None),
        (";;,,;q=2", None),
    ],
)
def test_first_language_tells_the_country_or_nothing(header: str, code: str | None) -> None:
    assert country_of_languages(header) == code


@given(st.text())
def test_any_language_header_gives_a_country_or_nothing(header: str) -> None:
    code = country_of_languages(header)

    assert code is None or len(code) == 2


def test_clues_are_asked_in_order(networks: NetworkRegions) -> None:
    everything = Clues(
        region="us_ny",
        position=Position(48.21, 16.37),
        address="203.0.113.17",
        accept_language="pt-BR",
    )
    # One clue is taken away at a time.
    clues = [
        everything,
        Clues(position=everything.position, address="203.0.113.17", accept_language="pt-BR"),
        Clues(address="203.0.113.17", accept_language="pt-BR"),
        Clues(accept_language="pt-BR"),
        Clues(),
    ]

    assert [locate(one, networks) for one in clues] == [
        Place("US-NY", RegionSource.USER),
        Place("AT-9", RegionSource.POSITION),
        Place("DE-BY", RegionSource.IP),
        Place("BR", RegionSource.LOCALE),
        Place("", RegionSource.NONE),
    ]


def test_clues_that_tell_nothing_give_way_to_the_next(networks: NetworkRegions) -> None:
    clues = Clues(
        region="  ",
        position=Position(0.0, -30.0),
        address="198.51.100.1",
        accept_language="de-DE",
    )

    assert locate(clues, networks) == Place("DE", RegionSource.LOCALE)


def test_address_without_a_database_tells_nothing() -> None:
    assert locate(Clues(address="203.0.113.1")) == Place("", RegionSource.NONE)


def test_sender_who_chooses_the_world_is_believed() -> None:
    assert locate(Clues(region="world", accept_language="de-DE")) == Place("", RegionSource.USER)


def test_unknown_region_of_the_sender_is_refused() -> None:
    with pytest.raises(UnknownRegionError):
        locate(Clues(region="Narnia", accept_language="de-DE"))


def test_clues_never_write_out_address_or_position() -> None:
    written = repr(Clues(position=Position(48.21, 16.37), address="203.0.113.17"))

    assert "203" not in written
    assert "48" not in written
