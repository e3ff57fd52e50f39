"""The queue: everything that waits for a moderator, in one list."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.desk.flagged_bursts import FLAGGED_BURSTS
from reports.desk.held_comments import HELD_COMMENTS
from reports.desk.kinds import Kind, Row, Sentence
from reports.desk.suggested_services import SUGGESTED_SERVICES
from reports.trail import Doing

# In the order of the list: what can make an outage goes first.
KINDS: tuple[Kind, ...] = (FLAGGED_BURSTS, HELD_COMMENTS, SUGGESTED_SERVICES)
ROWS_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row and its kind."""

    kind: Kind
    row: Row

    @property
    def name(self) -> str:
        """What a form calls it; `settle` reads it."""
        return f"{self.kind.name}:{self.row.key}"


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of the queue.

    Attributes:
        rows: in order.
        numbers: how many wait, by kind, in the order of the list.
        total: how many rows the chosen kinds have.
        number: this page's, from 1.
    """

    rows: Sequence[Waiting]
    numbers: Sequence[tuple[Kind, int]]
    total: int
    number: int

    @property
    def only(self) -> Kind | None:
        """The only kind shown; None when there are several."""
        kinds = {waiting.kind.name: waiting.kind for waiting in self.rows}
        return next(iter(kinds.values())) if len(kinds) == 1 else None

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // ROWS_PER_PAGE))


class UnknownRowError(ValueError):
    """A form named a row or a deed that no kind has."""


class NotAllowedError(Exception):
    """Somebody decides on a kind that they have no right to."""


def page(kind: str, number: int) -> Page:
    """One page of the queue.

    Args:
        kind: the name of the only kind shown; "" for all.
        number: from 1; one beyond the end gives the last.
    """
    numbers = [(one, one.number()) for one in KINDS]
    shown = [(one, count) for one, count in numbers if kind in {"", one.name}]
    total = sum(count for _one, count in shown)
    number = min(max(1, number), max(1, -(-total // ROWS_PER_PAGE)))
    first, rows = (number - 1) * ROWS_PER_PAGE, list[Waiting]()
    for one, count in shown:
        limit = min(count - first, ROWS_PER_PAGE - len(rows))
        if limit > 0:
            rows += [Waiting(one, row) for row in one.waiting(first, limit)]
        first = max(0, first - count)
    return Page(rows, numbers, total, number)


def settle_all(deed: str, kind: str, why: str, doing: Doing) -> None:
    """Have everything of one kind settled in the background.

    Args:
        deed: `accept` or `reject`.
        kind: its name.
        why: the only why that is meant; "" for all.
        doing: who, why, when.

    Raises:
        UnknownRowError: when that can't be.
        NotAllowedError: when they have no right to it.
    """
    found = next((one for one in KINDS if one.name == kind), None)
    many = found.everything if found else None
    if found is None or many is None or why not in {"", *dict(many.whys)}:
        raise UnknownRowError(kind)
    if doing.by is None or not doing.by.has_perm(found.right):
        raise NotAllowedError
    many.verb(deed, why, doing)


def settle(deed: str, names: Sequence[str], doing: Doing, sentence: Sentence) -> int:
    """Do one thing to some rows; how many it settled.

    What somebody else settled meanwhile, or what the deed is not for, stays as it is.

    Args:
        deed: `accept`, `reject` or `ban`.
        names: of rows, as `Waiting.name` gives them.
        doing: who, why, when.
        sentence: for bans.

    Raises:
        UnknownRowError: when a name is not a row's.
        NotAllowedError: when they have no right to one of the kinds; nothing is done then.
    """
    keys: dict[str, list[str]] = {}
    for name in names:
        kind, _colon, key = name.partition(":")
        keys.setdefault(kind, []).append(key)
    kinds = {one.name: one for one in KINDS}
    if unknown := keys.keys() - kinds.keys():
        raise UnknownRowError(", ".join(sorted(unknown)))
    if not all(doing.by and doing.by.has_perm(kinds[kind].right) for kind in keys):
        raise NotAllowedError
    settled = 0
    for kind, of_kind in keys.items():
        done = kinds[kind].deeds.get(deed)
        try:
            settled += done.verb(of_kind, doing, sentence) if done else 0
        except ValueError as error:
            raise UnknownRowError(str(error)) from error
    return settled
