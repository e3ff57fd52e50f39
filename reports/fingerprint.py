"""Keyed, daily-rotating hashes that stand for a reporter and a network; never an address.

Sixteen bytes of BLAKE2b (RFC 7693) in its keyed mode. The key is made of the installation's secret
and the day's random key, so neither a copy of the database nor the secret alone can turn a hash
back by trying all addresses, and once the day's key is deleted nobody can.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b, sha256
from ipaddress import IPv4Address, IPv6Address

SIZE = 16
Address = IPv4Address | IPv6Address

# How much of an address is one reporter, and how much is one network, in bytes.
# An IPv6 subscriber holds at least a /64 (RFC 6177); a site is commonly given a /48.
_REPORTER_BYTES = {4: 4, 6: 8}
_NETWORK_BYTES = {4: 3, 6: 6}


@dataclass(frozen=True, slots=True)
class Hashes:
    """What is kept of a sender, each `SIZE` bytes.

    `earlier` is the fingerprint that the same sender had yesterday, while the dedupe window still
    reaches back over midnight UTC; else None.
    """

    fingerprint: bytes
    network: bytes
    earlier: bytes | None = None

    def fingerprints(self) -> Iterator[bytes]:
        """The fingerprints under which a repeat of this sender is known."""
        yield self.fingerprint
        if self.earlier is not None:
            yield self.earlier


@dataclass(frozen=True, slots=True)
class Sender:
    """What is hashed of a sender: the reporter's part and the network's. Never stored."""

    reporter: bytes
    network: bytes

    @classmethod
    def of_address(cls, address: Address) -> "Sender":
        """A sender known by address: IPv4 /32 or IPv6 /64; network /24 or /48."""
        address = unwrapped(address)
        version = address.version
        return cls(
            b"a" + address.packed[: _REPORTER_BYTES[version]],
            b"a" + address.packed[: _NETWORK_BYTES[version]],
        )

    @classmethod
    def of_key_holder(cls, key_id: int, reporter: str = "", network: str = "") -> "Sender":
        """One reporter among those a bulk sender speaks for.

        Args:
            key_id: the sender's ApiKey; two senders' reporters never meet.
            reporter: the sender's own opaque name for the person; empty: the key is one reporter.
            network: the sender's own opaque name for the person's network; empty: one network for
                the whole key, so that no sender alone looks like a broad crowd by leaving it out.
        """
        start = b"k%d\0" % key_id
        return cls(start + reporter.encode(), start + network.encode())

    @classmethod
    def of_author(cls, author: str) -> "Sender":
        """The author of public posts, by the name that their network gives them for good.

        Nothing is known of where they write from, so each is a network of their own: it never
        counts for breadth (`reports.selectors`), and a ban of it is one of its author alone.
        """
        name = b"p" + author.encode()
        return cls(name, name)


@dataclass(frozen=True, slots=True)
class HashKeys:
    """The key of today, and that of yesterday while the dedupe window reaches back to it."""

    today: bytes
    yesterday: bytes | None = None

    def of_address(self, address: Address) -> Hashes:
        """The hashes of a sender known by address.

        >>> from ipaddress import ip_address
        >>> keys = HashKeys(day_key("secret", bytes(32)))
        >>> one, other = (keys.of_address(ip_address(text)) for text in ("192.0.2.1", "192.0.2.9"))
        >>> one.fingerprint == other.fingerprint, one.network == other.network
        (False, True)
        """
        return self.of(Sender.of_address(address))

    def of_key_holder(self, key_id: int, reporter: str = "", network: str = "") -> Hashes:
        """The hashes of one reporter among those a bulk sender speaks for; see `Sender`."""
        return self.of(Sender.of_key_holder(key_id, reporter, network))

    def of(self, sender: Sender) -> Hashes:
        """The hashes of a sender."""
        return Hashes(
            fingerprint=_hash(self.today, b"fingerprint", sender.reporter),
            network=_hash(self.today, b"network", sender.network),
            earlier=self.yesterday and _hash(self.yesterday, b"fingerprint", sender.reporter),
        )


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2), else the same.

    >>> unwrapped(IPv6Address("::ffff:192.0.2.1"))
    IPv4Address('192.0.2.1')
    """
    return getattr(address, "ipv4_mapped", None) or address


def day_key(secret: str, random: bytes) -> bytes:
    """The key of one day's hashes, 32 bytes, from the installation's secret and the day's key."""
    return blake2b(random, key=sha256(secret.encode()).digest(), digest_size=32).digest()


def _hash(key: bytes, purpose: bytes, value: bytes) -> bytes:
    return blake2b(value, key=key, person=purpose, digest_size=SIZE).digest()
