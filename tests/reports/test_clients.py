"""The sender's address is the peer's, or what trusted proxies say."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.clients import NO_PEER, client_address

TRUSTED = [ip_network("10.0.0.0/8"), ip_network("::1/128")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.1", "192.0.2.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "203.0.113.5, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "10.0.0.3,10.0.0.2", "10.0.0.3"),
        ("::1", "2001:db8::1", "2001:db8::1"),
        ("::ffff:10.0.0.1", "::ffff:198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1:1234", "198.51.100.1"),
        ("10.0.0.1", "[2001:db8::1]:1234", "2001:db8::1"),
        ("10.0.0.1", "unknown", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, garbage, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", ",", "10.0.0.1"),
        ("", "198.51.100.1", str(NO_PEER)),
        ("unix:", "", str(NO_PEER)),
    ],
)
def test_address_is_the_nearest_that_nobody_untrusted_wrote(
    peer: str, forwarded: str, address: str
) -> None:
    meta = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}
    assert client_address(meta, TRUSTED) == ip_address(address)


def test_proxy_on_a_unix_socket_can_be_trusted() -> None:
    meta = {"HTTP_X_FORWARDED_FOR": "198.51.100.1"}
    assert client_address(meta, [ip_network("0.0.0.0/32")]) == ip_address("198.51.100.1")


@given(st.text(), st.text())
def test_no_header_makes_it_fail(peer: str, forwarded: str) -> None:
    meta = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded}
    client_address(meta, [ip_network("0.0.0.0/0"), ip_network("::/0")])


@given(st.text())
def test_sender_cannot_choose_an_address_to_the_left_of_a_proxys_own(prefix: str) -> None:
    meta = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": f"{prefix},198.51.100.1"}
    assert client_address(meta, TRUSTED) == ip_address("198.51.100.1")
