"""The site's listed words: as one pattern in each process, and as staff keep them.

Each act names the words that it really added or took off, so that undoing it touches no others.
"""

import re
from collections.abc import Iterable

from django.db import transaction

from reports import holding, trail
from reports.copies import Copy
from reports.models import ListedWord, ModerationEntry
from reports.models.moderation import Act
from reports.trail import Doing, NotUndoableError

FRESH_SECONDS = 10.0
LONGEST = 100
MOST_NAMED = 5


class NothingNewError(ValueError):
    """No word is left to be added or taken off."""


def listed() -> re.Pattern[str] | None:
    """What finds a listed word; a word added is heeded some seconds later.

    Raises:
        django.db.Error: when it was never read and the database can't be asked.
    """
    return _words.get(FRESH_SECONDS).pattern


def forget() -> None:
    """Read again at the next look."""
    _words.forget()


def add(words: Iterable[str], doing: Doing) -> ModerationEntry:
    """List words; those that are listed in any spelling of their case stay. Opens a transaction.

    Args:
        words: words or phrases of at most `LONGEST` letters; longer and empty ones are left out.
        doing: who, why, when.

    Raises:
        NothingNewError: when none is new.
    """
    return _add(words, doing)


def remove(words: Iterable[str], doing: Doing) -> ModerationEntry:
    """Take words off the list; held comments stay held. Opens a transaction.

    Raises:
        NothingNewError: when none of them is listed.
    """
    return _remove(words, doing)


def undo(entry: ModerationEntry, doing: Doing) -> ModerationEntry:
    """Take off what an act listed, or list again what it took off. Opens a transaction.

    Raises:
        NotUndoableError: when that is so already.
        reports.trail.UndoneAlreadyError: when it was undone before.
    """
    verb = _remove if entry.act == Act.LIST else _add
    try:
        return verb(entry.before["words"], doing, entry)
    except NothingNewError as error:
        raise NotUndoableError from error


@transaction.atomic
def _add(
    words: Iterable[str], doing: Doing, undoes: ModerationEntry | None = None
) -> ModerationEntry:
    wanted = {_plain(word): word.strip() for word in words if 0 < len(_plain(word)) <= LONGEST}
    known = {_plain(word) for word in ListedWord.objects.values_list("word", flat=True)}
    fresh = [
        ListedWord(word=word, added_by=doing.by)
        for plain, word in wanted.items()
        if plain not in known
    ]
    # Two may list the same word at once: the second one's row is the first one's.
    ListedWord.objects.bulk_create(fresh, ignore_conflicts=True)
    return _tell(Act.LIST, [row.word for row in fresh], doing, undoes)


@transaction.atomic
def _remove(
    words: Iterable[str], doing: Doing, undoes: ModerationEntry | None = None
) -> ModerationEntry:
    rows = ListedWord.objects.select_for_update().filter(word__in=list(words))
    gone = list(rows.values_list("word", flat=True))
    rows.delete()
    return _tell(Act.UNLIST, gone, doing, undoes)


def _tell(
    act: Act, words: list[str], doing: Doing, undoes: ModerationEntry | None
) -> ModerationEntry:
    if not words:
        raise NothingNewError
    words = sorted(words)
    more = f" and {len(words) - MOST_NAMED} more" if len(words) > MOST_NAMED else ""
    subject = ", ".join(words[:MOST_NAMED]) + more
    return trail.write(act, subject, doing, before={"words": words}, undoes=undoes)


def _plain(word: str) -> str:
    return holding.plain_form(word).casefold().strip()


class _Words:
    """A pattern that may be None; `Copy` keeps None for what was never read."""

    def __init__(self) -> None:
        self.pattern = holding.pattern_of(ListedWord.objects.values_list("word", flat=True))


_words = Copy(_Words, "words")
