"""The made-up crowd: repeatable, in order, and nobody's real address."""

import itertools
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from hypothesis import given
from hypothesis import strategies as st

from reports.simulation import crowd, scenarios

START = datetime(2026, 3, 18, 14, tzinfo=UTC)
RESERVED = [ip_network("198.18.0.0/15"), ip_network("2001:db8::/32")]


def test_the_same_seed_makes_the_same_crowd_and_another_one_another() -> None:
    told = scenarios.load("telekom-north-rhine")

    first, again, other = (list(crowd.voices(told, START, seed)) for seed in (1, 1, 2))

    assert first == again
    assert first != other


def test_voices_come_in_the_order_of_time() -> None:
    voices = list(crowd.voices(scenarios.load("spam-flood"), START))

    assert [v.minute for v in voices] == sorted(v.minute for v in voices)


def test_a_scenario_without_an_end_goes_on() -> None:
    voices = crowd.voices(scenarios.load("ordinary"), START)

    assert next(itertools.islice(voices, 5_000, None)).minute > 300


def test_a_flood_comes_from_as_few_networks_as_it_says() -> None:
    voices = crowd.voices(scenarios.load("spam-flood"), START)

    assert len({v.network for v in voices}) == 3


def test_about_as_many_come_as_expected() -> None:
    told = scenarios.load("claude-2026-03-18")

    assert abs(len(list(crowd.voices(told, START))) - crowd.expected(told, START)) < 1_000


@given(network=st.integers(0, 20_000), person=st.integers(0, 1_000_000))
def test_addresses_are_kept_for_benchmarks_and_documentation(network: int, person: int) -> None:
    found = ip_address(crowd.address(network, person))

    assert any(found in kept for kept in RESERVED if kept.version == found.version)


@given(st.lists(st.integers(0, 20_000), min_size=2, max_size=20, unique=True))
def test_different_networks_have_different_prefixes(numbers: list[int]) -> None:
    """An IPv4 network is a /24 and an IPv6 one a /48, as breadth counts them."""
    prefixes = set()
    for number in numbers:
        address = ip_address(crowd.address(number, 7))
        prefixes.add(ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))

    assert len(prefixes) == len(numbers)
