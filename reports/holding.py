"""Which comments wait for a moderator before anybody reads them (pure).

Rules that a spammer can read must not be beaten by spelling, so a text is first brought to one
form: compatibility characters made plain (Unicode NFKC), invisible ones left out, and the usual
disguises of a dot and an @ undone. A service's bare host name ("status.example.com is down") is no
link: people name what fails.
"""

import re
import unicodedata
from collections.abc import Iterable

import phonenumbers

LINK = "link"
ADDRESS = "address"
PHONE = "phone"
WORD = "word"

_DOT = re.compile(r"\s*[\[({]\s*(?:\.|dot)\s*[\])}]\s*", re.IGNORECASE)
_AT = re.compile(r"\s*[\[({]\s*(?:@|at)\s*[\])}]\s*", re.IGNORECASE)
_LINK = re.compile(
    r"\bh(?:tt|xx)ps?\s*:|\w://|\bwww\d?\.|\b[a-z0-9-]+\.[a-z]{2,18}/\S|\b[a-z0-9-]+\.[a-z]{2,18}\?\S",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s@<>()]+@[^\s@<>()]+\.\w{2,}|\b\d{1,3}(?:\.\d{1,3}){3}\b", re.IGNORECASE)
_DIGITS = re.compile(r"\d")
# The shortest subscriber numbers in use; fewer digits are error codes and times.
_LEAST_DIGITS = 7
# Where a number without its country's prefix is read when nobody knows the place.
_ELSEWHERE = "US"


def why_held(text: str, listed: re.Pattern[str] | None = None, country: str = "") -> str:
    """Why a comment must wait: `link`, `address`, `phone` or `word`; "" when it need not.

    Args:
        text: the sender's words.
        listed: what `pattern_of` made of the site's list.
        country: ISO 3166-1 alpha-2 code of where it was sent, for phone numbers; "" if unknown.

    >>> why_held("Login fails since 9:30, error 503"), why_held("status.example.com is down")
    ('', '')
    >>> why_held("free coins: hxxps://coins[.]example/get"), why_held("me (at) example (dot) com")
    ('link', 'address')
    >>> why_held("call +49 30 901820 now"), why_held("call 030 901820 now", country="DE")
    ('phone', 'phone')
    >>> why_held("What CRAP", pattern_of(["crap"])), why_held("scrap", pattern_of(["crap"]))
    ('word', '')
    """
    plain = plain_form(text)
    if _ADDRESS.search(plain):
        return ADDRESS
    if _LINK.search(plain):
        return LINK
    if _has_phone_number(plain, country or _ELSEWHERE):
        return PHONE
    if listed is not None and listed.search(plain.casefold()):
        return WORD
    return ""


def plain_form(text: str) -> str:
    r"""A text without disguise, for rules only; readers see what was written.

    >>> plain_form("www\uff0ee\u200bxample (dot) com")
    'www.example.com'
    """
    text = unicodedata.normalize("NFKC", text)
    text = "".join(letter for letter in text if unicodedata.category(letter) != "Cf")
    return _AT.sub("@", _DOT.sub(".", text))


def pattern_of(words: Iterable[str]) -> re.Pattern[str] | None:
    """What finds any of some words in a case-folded text; None for no words.

    Words of scripts that put no spaces between words are found inside others too.

    >>> pattern_of([]) is None, bool(pattern_of(["詐欺"]).search("これは詐欺です"))
    (True, True)
    """
    parts = sorted({_part(word.strip()) for word in words if word.strip()}, reverse=True)
    return re.compile("|".join(parts)) if parts else None


def _part(word: str) -> str:
    folded = plain_form(word).casefold()
    spaced = all(unicodedata.category(letter) != "Lo" for letter in folded)
    return rf"(?<!\w){re.escape(folded)}(?!\w)" if spaced else re.escape(folded)


def _has_phone_number(text: str, country: str) -> bool:
    if len(_DIGITS.findall(text)) < _LEAST_DIGITS:
        return False
    return phonenumbers.PhoneNumberMatcher(text, country).has_next()
