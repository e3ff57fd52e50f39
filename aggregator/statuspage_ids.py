"""Ids as Statuspage gives them: twelve base-36 characters that stay the same for ever. Pure.

They are made of our own keys and can be turned back. Their alphabet leaves out a, e, o and u, so
that no id holds the name of a month, and they begin with a letter: clients that take what looks
like a date for one never do so with an id.
"""

from enum import IntEnum

LENGTH = 12
_FIRST = "q"
_ALPHABET = "0123456789bcdfghijklmnpqrstvwxyz"
_BITS = 5
_SPACE = 1 << (_BITS * (LENGTH - 1))
# Odd, so it has an inverse; large, so neighbours look nothing alike.
_SPREAD = 22_267_021_131_490_625
_BACK = pow(_SPREAD, -1, _SPACE)
_KINDS = 16


class Kind(IntEnum):
    """What an id is of."""

    PAGE = 0
    CATEGORY = 1
    SERVICE = 2
    REGION = 3
    OUTAGE = 4
    EVENT = 5
    MAINTENANCE = 6
    ANNOUNCEMENT = 7
    NOTE = 8


def id_of(kind: Kind, key: int) -> str:
    """The id of a thing by our own key of it, 0 to 2^51.

    >>> id_of(Kind.OUTAGE, 7), id_of(Kind.OUTAGE, 8)
    ('qmcrff3ikj4p', 'q4df2f97dfkk')
    """
    number = (key * _KINDS + kind) * _SPREAD % _SPACE
    letters = []
    for _ in range(LENGTH - 1):
        number, rest = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[rest])
    return _FIRST + "".join(letters)


def key_of(kind: Kind, text: str) -> int | None:
    """Our own key of a thing by its id; None when it is no id of this kind.

    >>> key_of(Kind.OUTAGE, id_of(Kind.OUTAGE, 7)), key_of(Kind.EVENT, id_of(Kind.OUTAGE, 7))
    (7, None)
    >>> key_of(Kind.OUTAGE, "2026") is None
    True
    """
    if len(text) != LENGTH or text[0] != _FIRST or not set(text) <= set(_ALPHABET):
        return None
    number = 0
    for letter in reversed(text[1:]):
        number = number * len(_ALPHABET) + _ALPHABET.index(letter)
    key, found = divmod(number * _BACK % _SPACE, _KINDS)
    return key if found == kind else None


def region_key(code: str) -> int:
    """A Region's code as a number.

    >>> region_key(""), region_key("US") != region_key("US-CA")
    (0, True)
    """
    return int.from_bytes(code.encode())
