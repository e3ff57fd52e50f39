"""Hashes stand for reporters and networks without telling who they are."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.fingerprint import SIZE, Address, HashKeys, day_key

KEYS = HashKeys(day_key("secret", b"d" * 32), day_key("secret", b"c" * 32))
ADDRESSES = st.ip_addresses()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.1", "192.0.2.1", (True, True)),
        ("192.0.2.1", "192.0.2.2", (False, True)),
        ("192.0.2.1", "192.0.3.1", (False, False)),
        ("192.0.2.1", "::ffff:192.0.2.1", (True, True)),
        ("2001:db8::1", "2001:db8::ffff:1", (True, True)),
        ("2001:db8::1", "2001:db8:0:1::1", (False, True)),
        ("2001:db8::1", "2001:db8:1::1", (False, False)),
    ],
)
def test_addresses_meet_by_prefix(one: str, other: str, same: tuple[bool, bool]) -> None:
    first, second = (KEYS.of_address(ip_address(text)) for text in (one, other))
    assert (first.fingerprint == second.fingerprint, first.network == second.network) == same


@given(ADDRESSES)
def test_hashes_have_their_size_and_differ_from_each_other(address: Address) -> None:
    hashes = KEYS.of_address(address)
    every = [hashes.fingerprint, hashes.network, hashes.earlier]
    assert all(value is not None and len(value) == SIZE for value in every)
    assert len(set(every)) == 3


@given(ADDRESSES)
def test_todays_hashes_become_the_earlier_ones_of_tomorrow(address: Address) -> None:
    tomorrow = HashKeys(day_key("secret", b"e" * 32), KEYS.today)
    assert tomorrow.of_address(address).earlier == KEYS.of_address(address).fingerprint
    assert tomorrow.of_address(address).network != KEYS.of_address(address).network


@pytest.mark.parametrize(("secret", "day"), [("other", b"d" * 32), ("secret", b"x" * 32)])
def test_hashes_need_both_the_secret_and_the_days_key(secret: str, day: bytes) -> None:
    address = IPv4Address("192.0.2.1")
    other = HashKeys(day_key(secret, day)).of_address(address)
    assert other.fingerprint != KEYS.of_address(address).fingerprint


def test_only_a_key_of_yesterday_gives_an_earlier_fingerprint() -> None:
    assert HashKeys(KEYS.today).of_address(IPv6Address(1)).earlier is None


def test_names_of_a_bulk_sender_never_meet_addresses_or_other_senders() -> None:
    address = KEYS.of_address(IPv4Address("192.0.2.1"))
    one, other = KEYS.of_key_holder(1, "x"), KEYS.of_key_holder(11, "x")
    assert len({address.fingerprint, one.fingerprint, other.fingerprint}) == 3
    assert KEYS.of_key_holder(1, "x") == one
    assert KEYS.of_key_holder(1, "").fingerprint != one.fingerprint
