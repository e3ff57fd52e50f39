"""What the queue needs to know of one kind of thing that waits for a moderator.

A kind is a table of what it shows and which verbs its keys call. A new kind is one module that
makes a `Kind`, and one name more in `reports.desk.queue.KINDS`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reports.models.moderation import BanKind
from reports.trail import Doing

ACCEPT, REJECT, BAN = "accept", "reject", "ban"


@dataclass(frozen=True, slots=True)
class Sentence:
    """Whom a ban shall keep out, and for how long."""

    whom: BanKind
    length: timedelta


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that waits.

    Attributes:
        key: what finds it among its kind.
        at: when it came, aware.
        service: the Service's name.
        why: what makes it wait, in a few words.
        text: what was said; from outside, to be escaped.
        facts: what else helps to decide.
        url: its own page; "" when it has none.
    """

    key: str
    at: datetime
    service: str
    why: str
    text: str
    facts: Sequence[str] = ()
    url: str = ""


@dataclass(frozen=True, slots=True)
class Deed:
    """What a key does: the word on its button, and the verb.

    The verb takes the keys of rows, who does it and why, and the sentence for bans. Keys that
    somebody else settled meanwhile are left out; it gives the number of rows it settled. It opens
    its own transactions.
    """

    label: str
    verb: Callable[[Sequence[str], Doing, Sentence], int]


@dataclass(frozen=True, slots=True)
class Everything:
    """How all that wait are settled in the background.

    Attributes:
        whys: what makes them wait, as choices of a form.
        verb: takes `ACCEPT` or `REJECT`, the only why that is meant or "", and who does it.
    """

    whys: Sequence[tuple[str, str]]
    verb: Callable[[str, str, Doing], object]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing.

    Attributes:
        name: in addresses.
        title: of many of them.
        number: how many wait.
        waiting: so many of them from a place in their order on: `waiting(first, limit)`.
        deeds: by `ACCEPT`, `REJECT` and `BAN`; what is missing is not offered.
        right: what somebody must be allowed to do to decide on them.
        everything: how thousands of them are settled at once, if they can be.
    """

    name: str
    title: str
    number: Callable[[], int]
    waiting: Callable[[int, int], list[Row]]
    deeds: Mapping[str, Deed]
    right: str = "reports.change_report"
    everything: Everything | None = None
