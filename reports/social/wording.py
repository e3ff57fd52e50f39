"""Whether a short text says that a Service fails, and which (pure but for reading its phrases).

A text is made comparable first: compatibility forms of Unicode folded into one, lower case,
straight apostrophes, single spaces, no hash signs. Then, in any of the languages of the phrase
file, the Service's name must stand where a phrase has its `*`, and nothing may say otherwise.

Texts with a number are left out, like long ones and those with a link or a reply: what is left of
people's posts then is hardly ever news, an advertisement or a quotation (P. S. Earle, D. C. Bowden
and M. Guy, "Twitter earthquake detection", Annals of Geophysics 54, 2011: of 48 detections by such
filters two were false).
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

PHRASES = Path(__file__).resolve().parent.parent / "data" / "social-phrases.yaml"
LONGEST = 100
# Who names more than that in so few words tells a list, not what happens to them.
MOST_NAMES = 3
MOST_BETWEEN = 4
SHORT_NAME = 2

# They stand for the name in question and for the others; of the private use area, so nobody's.
_NAME, _OTHER = "\ue000", "\ue001"
_NOBODYS = str.maketrans("", "", "#" + _NAME + _OTHER)
_LINK = re.compile(r"https?:|www\.|@\w")
# Japanese has no spaces, so only a letter of the Latin script may not stand beside a word.
_LETTER = r"[0-9a-z_\u00df-\u024f]"
_START, _END = rf"(?<!{_LETTER})", rf"(?!{_LETTER})"


@dataclass(frozen=True, slots=True)
class Language:
    """How one language says that something fails.

    Attributes:
        plain: finds it said of a name.
        strict: finds it said of a name that is a common word, too.
        unless: finds what says otherwise.
    """

    plain: re.Pattern[str]
    strict: re.Pattern[str]
    unless: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrase file: languages by code, and the names that are common words, too."""

    languages: Mapping[str, Language]
    ambiguous: frozenset[str]


@cache
def phrases(path: Path = PHRASES) -> Phrases:
    """The phrases of a file, read once."""
    told = yaml.safe_load(path.read_text())
    languages = {code: _language(words) for code, words in told["languages"].items()}
    return Phrases(languages, frozenset(told["ambiguous"]))


def comparable(text: str) -> str:
    r"""A text as texts are compared.

    >>> comparable("Is #Claude  DOWN?\n It\u2019s o\uff56er")
    "is claude down? it's over"
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace("\u2019", "'")
    return " ".join(folded.translate(_NOBODYS).split())


class Reader:
    """Finds the Services that texts say are failing."""

    def __init__(self, names: Iterable[tuple[str, str]], known: Phrases) -> None:
        """Take the catalogue's names.

        Args:
            names: pairs of a name or alias and the slug it stands for. A name of several
                Services tells nothing, and one in brackets is no name that people use.
            known: the phrases.
        """
        slugs: dict[str, set[str]] = {}
        for name, slug in names:
            if "(" not in name and (folded := comparable(name)):
                slugs.setdefault(folded, set()).add(slug)
        self._slugs = {name: min(own) for name, own in slugs.items() if len(own) == 1}
        self._known = known
        self._names = _any_of(self._slugs)

    def services(self, text: str, languages: Sequence[str] = ()) -> frozenset[str]:
        """Slugs of the Services that a text says are failing; of most texts none.

        Args:
            text: as its author wrote it.
            languages: codes of the languages it is said to be in; empty when not known. Where all
                are others than those of the phrases, the text is left alone. Else all are tried:
                what people's programs say of their language is often wrong.

        >>> reader = Reader([("Claude", "claude"), ("Signal", "signal")], phrases())
        >>> sorted(reader.services("is Claude down for anyone else?")), reader.services("No signal")
        (['claude'], frozenset())
        """
        codes = {one.lower().partition("-")[0] for one in languages}
        if codes and not codes & set(self._known.languages):
            return frozenset()
        text = comparable(text)
        if len(text) > LONGEST or _LINK.search(text):
            return frozenset()
        named = set(self._names.findall(text))
        if not 0 < len(named) <= MOST_NAMES or any(map(str.isdigit, self._names.sub("", text))):
            return frozenset()
        return frozenset(self._slugs[name] for name in named if self._fails(name, text))

    def _fails(self, name: str, text: str) -> bool:
        told = self._names.sub(lambda found: _NAME if found[0] == name else _OTHER, text)
        strict = len(name) <= SHORT_NAME or name in self._known.ambiguous
        return any(
            (one.strict if strict else one.plain).search(told) and not one.unless.search(told)
            for one in self._known.languages.values()
        )


def _language(words: Mapping[str, Sequence[str]]) -> Language:
    nouns, between = words["nouns"], [*words["between"], *words["nouns"]]
    gap = rf"(?:[\s,]*(?:{_OTHER}|{_any_of(between).pattern})){{0,{MOST_BETWEEN}}}"
    noun = _any_of(nouns).pattern
    strict = rf"(?:{noun}\s+(?:de\s+)?{_NAME}|{_NAME}\s*の?{noun})"
    return Language(
        plain=_templates(words["failing"], _NAME + gap),
        strict=_templates(words["failing"], strict + gap),
        unless=_any_of(words["unless"]),
    )


def _templates(templates: Sequence[str], name: str) -> re.Pattern[str]:
    """Any of some templates, the name's pattern in place of their `*`."""
    parts = [_START + _spaced(one).replace(r"\*", name) + _END for one in templates]
    return re.compile("|".join(parts))


def _any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Any of some words, the longest first; something that never matches when there are none."""
    longest_first = sorted(words, key=lambda word: (-len(word), word))
    return re.compile(
        rf"{_START}(?:{'|'.join(map(_spaced, longest_first))}){_END}" if longest_first else r"(?!)"
    )


def _spaced(words: str) -> str:
    r"""The pattern of some words.

    Between a name and a Latin word there is a space; before a `'s` or Japanese there is none.
    """
    return re.escape(comparable(words)).replace(r"\*\ ", r"\*[\s,]*").replace(r"\ ", r"\s+")
