"""What a channel is given, and what it may answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from aggregator.outage_json import EventDocument, OutageDocument

TEST = "test"
"""The `kind` of a move that never was: of a message sent to try a target."""


@dataclass(frozen=True, slots=True)
class News:
    """One Outage's latest move among several that are told together; fields as in Message."""

    event: EventDocument
    outage: OutageDocument
    service_name: str
    places: tuple[str, ...]
    cause_name: str = ""
    is_unmentioned: bool = False
    service_id: int = 0
    service_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One Alert on its way to one target.

    Attributes:
        id: the Alert's; the same at every try, so a receiver can tell a repeat.
        target: an address the channel understands.
        secret: signs a webhook; a browser's keys; empty for other channels.
        at: when this try is made, aware UTC.
        event: the move that is told.
        outage: the Outage as it stands now, which may be further on than the move.
        service_name: the Service's name for people.
        places: names of the Regions of the move's scope, in `language`; empty when worldwide.
        cause_name: of the Service whose failure explains it at this move; else empty.
        is_unmentioned: the vendor's own page is read and says nothing of the Outage.
        service_id: the Service's key; 0 where nothing is made of it.
        service_since: when this site first listed the Service.
        earlier_secret: signs a webhook too, while its secret is being changed.
        style: what a webhook's body looks like, a `Style`.
        is_trusted: made by the operator, so it may reach what the operator allows.
        language: what the subscriber reads.
        time_zone: in which the subscriber reads times, an IANA name.
        stop_url: ends the Subscription; empty: there is no such page.
        manage_url: shows and changes it.
        together: all news of a message that tells several Outages, this one's too; else empty.
    """

    id: UUID
    target: str
    secret: str
    at: datetime
    event: EventDocument
    outage: OutageDocument
    service_name: str
    places: tuple[str, ...]
    cause_name: str = ""
    is_unmentioned: bool = False
    service_id: int = 0
    service_since: datetime | None = None
    earlier_secret: str = ""
    style: str = "outcry"
    is_trusted: bool = False
    language: str = "en"
    time_zone: str = "UTC"
    stop_url: str = ""
    manage_url: str = ""
    together: tuple[News, ...] = ()

    @property
    def is_test(self) -> bool:
        """Whether it only tries the target."""
        return self.event.kind == TEST


@dataclass(frozen=True, slots=True)
class Delivered:
    """The target has it."""


@dataclass(frozen=True, slots=True)
class Retry:
    """The target does not have it now.

    Attributes:
        error: a short reason that holds no address and no secret.
        after: how long the target asks to be left alone.
    """

    error: str
    after: timedelta | None = None


@dataclass(frozen=True, slots=True)
class GaveUp:
    """The target will never have it.

    Attributes:
        error: a short reason that holds no address and no secret.
        is_gone: the target wants no further messages at all.
    """

    error: str
    is_gone: bool = False


Outcome = Delivered | Retry | GaveUp


class Channel(Protocol):
    """A way for messages to travel. It touches no database, and many threads use it at once."""

    def send(self, message: Message) -> Outcome:
        """Try once, within seconds; whatever goes wrong is an outcome, not an exception."""
