"""The streams that an operator asks for, read from a setting (pure)."""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit, urlunsplit


class Source(StrEnum):
    """A network whose public posts are read."""

    BLUESKY = "bluesky"
    MASTODON = "mastodon"


# The last part of a stream's path says whose it is.
_PATHS = {"/subscribe": Source.BLUESKY, "/api/v1/streaming": Source.MASTODON}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a stream is, without what is secret; and the token that opens it, if it needs one."""

    source: Source
    url: str
    token: str = field(default="", repr=False)


def addresses(text: str) -> tuple[Address, ...]:
    """The streams of a setting: `wss://` addresses, separated by commas.

    A token stands before the host, like a password: `wss://:TOKEN@mastodon.example/…`. Without
    encryption only this machine is reached.

    Raises:
        ValueError: when one of them is no such address; the message does not repeat it.

    >>> addresses("wss://:secret@mastodon.example/api/v1/streaming")[0]
    Address(source=<Source.MASTODON: 'mastodon'>, url='wss://mastodon.example/api/v1/streaming')
    """
    return tuple(_address(part.strip()) for part in text.split(",") if part.strip())


def _address(text: str) -> Address:
    parts = urlsplit(text)
    source = _PATHS.get(parts.path)
    if source is None:
        message = f"a stream's path is one of {', '.join(_PATHS)}"
        raise ValueError(message)
    host = parts.hostname or ""
    if not host or parts.scheme not in {"wss", "ws"}:
        message = "not a wss:// address"
        raise ValueError(message)
    if parts.scheme == "ws" and not _is_this_machine(host):
        message = "without encryption (ws://) only this machine is reached"
        raise ValueError(message)
    netloc = parts.netloc.rpartition("@")[2]
    url = urlunsplit((parts.scheme, netloc, parts.path, parts.query, ""))
    return Address(source, url, unquote(parts.password or ""))


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
