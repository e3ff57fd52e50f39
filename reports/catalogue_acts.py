"""What staff do to the catalogue: edit an entry, take in a whole file; each act can be undone.

Every act is the same one underneath: the catalogue as it shall be is checked by the rules of the
file and loaded, and the trail keeps what each entry was and became.
"""

import dataclasses
from collections.abc import Callable, Iterable
from hashlib import sha256

from django.db import transaction

from reports import catalogue, catalogue_file, catalogue_rows, catalogue_text, trail
from reports.catalogue_changes import (
    AnyEntry,
    Change,
    as_json,
    changes,
    from_json,
    in_order,
    with_entries,
)
from reports.catalogue_file import Catalogue, CatalogueFileError, CategoryEntry, ServiceEntry
from reports.catalogue_nodes import Fault
from reports.models import ModerationEntry
from reports.models.moderation import Act
from reports.service_index import services
from reports.trail import Doing, NotUndoableError

MOST_NAMED = 5


class UnchangedError(Exception):
    """The catalogue is like that already."""


class RefusedError(ValueError):
    """A catalogue that breaks the rules; each fault a line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep what is wrong, for people."""
        self.messages = [f"{one.entry}: {one.message}" for one in faults]
        super().__init__("\n".join(self.messages))


class MovedOnError(Exception):
    """Somebody changed the catalogue after it was looked at."""


def put(entry: AnyEntry, doing: Doing) -> ModerationEntry:
    """Add a Category or Service, or change the one of its slug. Opens a transaction.

    Raises:
        RefusedError: when the catalogue would break its rules.
        UnchangedError: when it is like that already.
    """
    return _change(lambda now: with_entries(now, [entry]), doing)


def check(entry: AnyEntry) -> list[str]:
    """What would be wrong with the catalogue after `put`, a line each; empty when nothing."""
    try:
        now = catalogue_rows.current()
        _refuse_faults(now, with_entries(now, [entry]))
    except RefusedError as error:
        return error.messages
    return []


def replace(wanted: Catalogue, seen: str, doing: Doing) -> ModerationEntry:
    """Make the catalogue the same as this one. Opens a transaction.

    Args:
        wanted: the whole of it; Services that it does not list are hidden.
        seen: the `digest` of the catalogue that the changes were shown for.
        doing: who, why, when.

    Raises:
        MovedOnError: when it is another one by now.
        UnchangedError: when nothing would change.
    """

    def whole(now: Catalogue) -> Catalogue:
        if digest(now) != seen:
            raise MovedOnError
        return wanted

    return _change(whole, doing)


def digest(of: Catalogue) -> str:
    """A short text that differs for catalogues that differ."""
    return sha256(catalogue_text.write(of).encode()).hexdigest()


def undo(entry: ModerationEntry, doing: Doing) -> ModerationEntry:
    """Give every entry that an act changed its value back; new Services are hidden again.

    Opens a transaction.

    Raises:
        NotUndoableError: when one of them was changed again since, or the rules forbid it.
        reports.trail.UndoneAlreadyError: when it was undone before.
    """
    pairs = [(from_json(old), from_json(new)) for old, new in entry.before["catalogue"]]

    def earlier(now: Catalogue) -> Catalogue:
        known: dict[tuple[type[AnyEntry], str], AnyEntry] = {}
        known |= {(CategoryEntry, one.slug): one for one in now.categories}
        known |= {(ServiceEntry, one.slug): one for one in now.services}
        back = []
        for old, new in pairs:
            if new is None or not _is_same(known.get((type(new), new.slug)), new):
                raise NotUndoableError
            back.append(old or _withdrawn(new))
        return with_entries(now, back)

    try:
        return _change(earlier, doing, undoes=entry)
    except (RefusedError, UnchangedError) as error:
        raise NotUndoableError from error


def _change(
    wish: Callable[[Catalogue], Catalogue], doing: Doing, undoes: ModerationEntry | None = None
) -> ModerationEntry:
    """Load what is wished for, given what is there, and write what changed into the trail."""
    with transaction.atomic():
        catalogue.take_turn()
        now = catalogue_rows.current()
        wanted = wish(now)
        changed = changes(now, wanted)
        if not changed:
            raise UnchangedError
        _refuse_faults(now, wanted)
        catalogue.load(wanted)
        before = {"catalogue": [[as_json(one.before), as_json(one.after)] for one in changed]}
        written = trail.write(Act.EDIT, _subject(changed), doing, before=before, undoes=undoes)
    services.forget()
    return written


def _refuse_faults(now: Catalogue, wanted: Catalogue) -> None:
    """Raise RefusedError for what is wrong with a catalogue that was not wrong before."""
    if faults := _faults(wanted):
        known = {(one.entry, one.message) for one in _faults(now)}
        new = [one for one in faults if (one.entry, one.message) not in known]
        if new:
            raise RefusedError(new)


def _faults(of: Catalogue) -> tuple[Fault, ...]:
    """What the rules of the file say of a catalogue; lines mean nothing."""
    try:
        catalogue_file.parse(catalogue_text.write(of))
    except CatalogueFileError as error:
        return error.faults
    return ()


def _is_same(found: AnyEntry | None, kept: AnyEntry) -> bool:
    """Whether nobody changed an entry; where a shelf stands depends on the others too."""
    if isinstance(found, CategoryEntry) and isinstance(kept, CategoryEntry):
        return found.name == kept.name
    return found == (in_order(kept) if isinstance(kept, ServiceEntry) else kept)


def _withdrawn(new: AnyEntry) -> AnyEntry:
    """What a new entry becomes when its making is undone: nothing is ever deleted."""
    if isinstance(new, CategoryEntry):
        return new
    return dataclasses.replace(new, hidden=True)


def _subject(changed: list[Change]) -> str:
    names = [one.after.name for one in changed]
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
