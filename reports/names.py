"""The names of Regions in the languages of the site. Pure but for reading its own files once."""

import csv
from collections.abc import Mapping
from functools import lru_cache

from babel import Locale

from reports.geography import DATA

ENGLISH = "en"


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
    path = DATA / "names" / f"{language}.csv"
    if path.exists():
        with path.open(encoding="utf-8", newline="") as lines:
            found |= {row["code"]: row["name"] for row in csv.DictReader(lines) if row["name"]}
    return found | dict(Locale(language).territories)
