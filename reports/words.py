"""The site's listed words, as one pattern in each process."""

import re

from reports import holding
from reports.copies import Copy
from reports.models import ListedWord

FRESH_SECONDS = 10.0


def listed() -> re.Pattern[str] | None:
    """What finds a listed word; a word added is heeded some seconds later.

    Raises:
        django.db.Error: when it was never read and the database can't be asked.
    """
    return _words.get(FRESH_SECONDS).pattern


def forget() -> None:
    """Read again at the next look."""
    _words.forget()


class _Words:
    """A pattern that may be None; `Copy` keeps None for what was never read."""

    def __init__(self) -> None:
        self.pattern = holding.pattern_of(ListedWord.objects.values_list("word", flat=True))


_words = Copy(_Words, "words")
