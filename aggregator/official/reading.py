"""What one look at a vendor's page told, whatever format it came in. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime

LONGEST_NAME = 500
LONGEST_BODY = 10_000
MOST_INCIDENTS = 150
MOST_UPDATES = 200
MOST_COMPONENTS = 1_000
OVER = frozenset({"resolved", "postmortem", "completed"})
_FIRST_YEAR, _LAST_YEAR = 2000, 2100


class BadAnswerError(ValueError):
    """An answer that is not what the page's kind promises; its text is kept for operators."""


@dataclass(frozen=True, slots=True)
class Update:
    """One thing the vendor said; `posted_at` by the vendor's clock, aware."""

    key: str
    status: str
    body: str
    posted_at: datetime


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident or maintenance, its updates in any order.

    Attributes:
        key: the vendor's id.
        status: the vendor's word; one of `OVER` when it is over.
        impact: none, minor, major, critical or maintenance; empty when not said.
        declared_at: its first update's own time; never the onset that a vendor may backdate.
        resolved_at: aware; None while it lasts.
    """

    key: str
    name: str
    status: str
    declared_at: datetime
    impact: str = ""
    url: str = ""
    is_maintenance: bool = False
    resolved_at: datetime | None = None
    scheduled_for: datetime | None = None
    scheduled_until: datetime | None = None
    updates: tuple[Update, ...] = ()


@dataclass(frozen=True, slots=True)
class Component:
    """A part of the vendor's page and its state, in Statuspage's words."""

    key: str
    name: str
    status: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One look; what was open before and is not among `incidents` is gone from the page."""

    indicator: str
    description: str
    incidents: tuple[Incident, ...] = ()
    components: tuple[Component, ...] = ()


def clean(text: str, longest: int = LONGEST_NAME) -> str:
    r"""A vendor's text as it may be stored: no NUL, no more than so many characters.

    >>> clean(" a\0b ")
    'ab'
    """
    return text.replace("\0", "").strip()[:longest]


def instant(at: datetime) -> datetime:
    """A vendor's time in UTC; without an offset it is UTC already.

    Raises:
        BadAnswerError: for a time that no status page can mean.

    >>> instant(datetime(2026, 3, 18, 14)).isoformat()
    '2026-03-18T14:00:00+00:00'
    """
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise BadAnswerError(f"a time in the year {at.year}")
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
