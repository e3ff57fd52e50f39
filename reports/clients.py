"""Who sends a request, and how. The address leaves here only into hashes and the place lookup.

An address is never stored and never logged; nothing here puts one into a message.
"""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address

from reports.fingerprint import Address, unwrapped

# A request over a Unix socket has no peer address; it counts as this one, so that
# `OUTCRY_TRUSTED_PROXIES=0.0.0.0/32` trusts a proxy on the same machine.
NO_PEER = IPv4Address(0)


def client_address(
    meta: Mapping[str, str], trusted: Sequence[IPv4Network | IPv6Network]
) -> Address:
    """The sender's address: the peer's, or the right-most hop that is not a trusted proxy.

    `X-Forwarded-For` counts only when the peer is trusted, and only as far as trusted proxies
    wrote it. A hop that is no address ends the walk at the proxy that wrote it: all who come that
    way count as one reporter, so garbage never makes one person many.

    Args:
        meta: the request's WSGI environment (`HttpRequest.META`).
        trusted: `OUTCRY_TRUSTED_PROXIES`.

    >>> from ipaddress import ip_network
    >>> meta = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": "1.1.1.1, 192.0.2.7"}
    >>> client_address(meta, [ip_network("10.0.0.0/8")])
    IPv4Address('192.0.2.7')
    >>> client_address(meta, [])
    IPv4Address('10.0.0.1')
    """
    address = _parsed(meta.get("REMOTE_ADDR", "")) or NO_PEER
    hops = meta.get("HTTP_X_FORWARDED_FOR", "")
    while hops and _is_trusted(address, trusted):
        hops, _, hop = hops.rpartition(",")
        named = _parsed(hop)
        if named is None:
            break
        address = named
    return address


def scheme(meta: Mapping[str, str], trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """`https` or `http`, as the sender sees it: a trusted proxy's `X-Forwarded-Proto` counts.

    Args:
        meta: the request's WSGI environment (`HttpRequest.META`).
        trusted: `OUTCRY_TRUSTED_PROXIES`.

    >>> from ipaddress import ip_network
    >>> meta = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_PROTO": "https"}
    >>> scheme(meta, [ip_network("10.0.0.0/8")]), scheme(meta, [])
    ('https', 'http')
    """
    seen = meta.get("wsgi.url_scheme", "http")
    told = meta.get("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip().lower()
    address = _parsed(meta.get("REMOTE_ADDR", "")) or NO_PEER
    return told if told in {"http", "https"} and _is_trusted(address, trusted) else seen


def _is_trusted(address: Address, trusted: Sequence[IPv4Network | IPv6Network]) -> bool:
    return any(address in network for network in trusted)


def _parsed(text: str) -> Address | None:
    """The address in a hop, with or without a port; None when there is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return unwrapped(ip_address(text))
    except ValueError:
        return None
