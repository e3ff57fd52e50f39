"""The names of Regions in the languages of the site. Pure but for reading its own files once."""

import csv
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

from babel import Locale

FOLDER = Path(__file__).parent / "data" / "names"
ENGLISH = "en"
# In which people may name a Region: those of the pages beside English.
SPOKEN = ("de", "es", "fr", "ja", "pt")


def local_name(code: str, name: str, language: str) -> str:
    """A Region's name in a language, or the one given where there is none.

    Args:
        code: the Region's.
        name: its name in the catalogue.
        language: `en`, `de` and so on; a name is only ever changed for others than English.

    >>> local_name("DE-BY", "Bavaria", "de"), local_name("BR", "Brazil", "ja")
    ('Bayern', 'ブラジル')
    >>> local_name("XX-1", "Somewhere", "fr"), local_name("", "World", "de")
    ('Somewhere', 'World')
    """
    if language == ENGLISH or not code:
        return name
    return _names(language).get(code, name)


@lru_cache(maxsize=16)
def _names(language: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    path = FOLDER / f"{language}.csv"
    if path.exists():
        with path.open(encoding="utf-8", newline="") as lines:
            found |= {row["code"]: row["name"] for row in csv.DictReader(lines) if row["name"]}
    return found | dict(Locale(language).territories)


def spelled(name: str) -> str:
    """A name as `codes_named` looks it up: in one case and with single spaces.

    >>> spelled(" Baden-Württemberg ") == spelled("baden-württemberg")
    True
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


@cache
def _codes() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for language in SPOKEN:
        for code, name in _names(language).items():
            found[spelled(name)].add(code)
    return {name: frozenset(codes) for name, codes in found.items()}


def codes_named(name: str) -> frozenset[str]:
    """What is called so in a language of the pages; codes of no Region may be among them.

    >>> codes_named("Bayern"), codes_named("ドイツ"), codes_named("Atlantis")
    (frozenset({'DE-BY'}), frozenset({'DE'}), frozenset())
    """
    return _codes().get(spelled(name), frozenset())
