"""Where a request may go: to the public internet, never to the operator's own network."""

import socket
from collections.abc import Callable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolver = Callable[[str, int], list[str]]
"""Host name and port to addresses, best first; raises OSError when there are none."""

# Special in the IANA registries (RFC 6890, RFC 7526, RFC 3879), yet global to the standard library.
_SPECIAL = tuple(ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24", "fec0::/10"))
_NAT64 = ip_network("64:ff9b::/96")  # RFC 6052


class ForbiddenDestinationError(ValueError):
    """The destination is inside, or nowhere."""


def is_public(text: str) -> bool:
    """Whether an address is one that anybody on the internet could reach.

    IPv6 addresses that carry an IPv4 one (mapped, 6to4, NAT64) are judged by what they carry.

    >>> [is_public(text) for text in ("8.8.8.8", "127.0.0.1", "::ffff:10.0.0.1", "2002:a00:1::")]
    [True, False, False, False]
    """
    address = _carried(ip_address(text))
    if any(address.version == net.version and address in net for net in _SPECIAL):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _carried(address: Address) -> Address:
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host, by the system's resolver, which also reads `0x7f.1` and its like.

    Raises:
        OSError: when there are none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def public_addresses(
    host: str, port: int, resolve: Resolver = look_up, allowed: Sequence[Network] = ()
) -> list[str]:
    """The addresses of a host, looked up once; connect to these and to no name.

    One address inside spoils them all: an honest host has none.

    Args:
        host: a name or an address, in any spelling that the resolver understands.
        port: handed to the resolver.
        resolve: looks the name up.
        allowed: networks inside that may be reached all the same.

    Raises:
        ForbiddenDestinationError: when one of them is neither public nor allowed.
        OSError: when there are none.
    """
    addresses = resolve(host, port)
    if not all(is_public(address) or is_allowed(address, allowed) for address in addresses):
        raise ForbiddenDestinationError("the address is not a public one")
    return addresses


def is_allowed(text: str, networks: Sequence[Network]) -> bool:
    """Whether an address lies in one of the networks; what it carries counts too.

    >>> is_allowed("10.1.2.3", [ip_network("10.1.0.0/16")])
    True
    >>> is_allowed("::ffff:10.1.2.3", [ip_network("10.1.0.0/16")])
    True
    """
    address = _carried(ip_address(text))
    return any(address.version == net.version and address in net for net in networks)
