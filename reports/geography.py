"""The fixed tree of Regions: world → country (ISO 3166-1) → subdivision (ISO 3166-2).

Read once from the file that ships with the program; no database. A Region is named by its code,
the world by the empty string. `code_of` turns what people write into a code.
"""

import csv
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from rapidfuzz import fuzz, process

from reports.names import codes_named

DATA = Path(__file__).parent / "data"
WORLD = ""
# What people write for a country beside its name and code; UK and EL are the EU's own codes.
COUNTRY_ALIASES = {
    "uk": "GB",
    "great britain": "GB",
    "britain": "GB",
    "el": "GR",
    "usa": "US",
    "united states of america": "US",
    "america": "US",
    "uae": "AE",
    "holland": "NL",
    "the netherlands": "NL",
    "czech republic": "CZ",
    "turkey": "TR",
    "ivory coast": "CI",
    "south korea": "KR",
    "north korea": "KP",
    "hong kong": "HK",
    "macau": "MO",
    "burma": "MM",
    "palestine": "PS",
    "vatican": "VA",
    "drc": "CD",
    "world": WORLD,
    "worldwide": WORLD,
}
LONGEST_NAME = 100


class UnknownRegionError(ValueError):
    """A text that names no Region, or several; its message says which come near."""


class Kind(StrEnum):
    """The level of a Region in the tree."""

    WORLD = "world"
    COUNTRY = "country"
    SUBDIVISION = "subdivision"


@dataclass(frozen=True, slots=True)
class Region:
    """One node of the tree.

    `latitude` and `longitude` are those of a label, in degrees WGS 84; `time_zone` is the IANA name
    of the zone of most people there; `weight` is a rough population, for priors only.
    """

    code: str
    kind: Kind
    parent: str | None
    name: str
    latitude: float
    longitude: float
    time_zone: str
    weight: float
    has_map: bool


def _rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@cache
def regions() -> Mapping[str, Region]:
    """Every Region by its code, parents before their children.

    >>> regions()["US-CA"].name, regions()["US-CA"].time_zone
    ('California', 'America/Los_Angeles')
    """
    made = [
        Region(
            code=row["code"],
            kind=Kind(row["kind"]),
            parent=None if row["kind"] == Kind.WORLD else row["parent"],
            name=row["name"],
            latitude=float(row["lat"]),
            longitude=float(row["lon"]),
            time_zone=row["time_zone"],
            weight=float(row["weight"]),
            has_map=row["has_map"] == "1",
        )
        for row in _rows("regions.csv")
    ]
    return MappingProxyType({region.code: region for region in made})


def is_code(text: str) -> bool:
    """Whether a text is exactly the code of a Region.

    >>> is_code("DE"), is_code("de"), is_code("")
    (True, False, True)
    """
    return text in regions()


def parent(code: str) -> str | None:
    """The code of the Region above; None above the world.

    Raises:
        KeyError: for a code that is not in the tree.

    >>> parent("US-CA"), parent("US"), parent("")
    ('US', '', None)
    """
    return regions()[code].parent


def ancestors(code: str) -> tuple[str, ...]:
    """The codes above a Region, nearest first, the world last.

    Raises:
        KeyError: for a code that is not in the tree.

    >>> ancestors("US-CA")
    ('US', '')
    """

    def above(below: str) -> Iterator[str]:
        while (nearest := parent(below)) is not None:
            yield nearest
            below = nearest

    return tuple(above(code))


@cache
def _children() -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for region in regions().values():
        if region.parent is not None:
            found[region.parent].append(region.code)
    return {code: tuple(below) for code, below in found.items()}


def children(code: str) -> tuple[str, ...]:
    """The codes right below a Region, in order.

    >>> children("GB")
    ('GB-ENG', 'GB-NIR', 'GB-SCT', 'GB-WLS')
    """
    return _children().get(code, ())


def descendants(code: str) -> tuple[str, ...]:
    """The codes below a Region at any depth, each after its parent.

    >>> descendants("GB-ENG"), len(descendants("")) == len(regions()) - 1
    ((), True)
    """
    return tuple(deeper for child in children(code) for deeper in (child, *descendants(child)))


def plain(name: str) -> str:
    """A name without accents, case and punctuation, as the alias file has them.

    >>> plain("Île-de-France"), plain("Côte d'Ivoire")
    ('ile de france', 'cote d ivoire')
    """
    decomposed = unicodedata.normalize("NFKD", name).lower()
    letters = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[a-z0-9]+", letters))


@cache
def _aliases() -> Mapping[str, Mapping[str, str]]:
    """Country → plain name → code of a subdivision there."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _rows("region-aliases.csv"):
        found[row["country"]][row["alias"]] = row["code"]
    for country, own in _own_names().items():
        # "Washington" is the state of that name before the city, an alias of the district.
        found[country].update({name: one[0] for name, one in own.items() if len(one) == 1})
    return found


def _own_names() -> Mapping[str, Mapping[str, list[str]]]:
    """Country → plain name → codes of the subdivisions that the tree calls so."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for region in regions().values():
        if region.parent:
            found[region.parent][plain(region.name)].append(region.code)
    return found


@cache
def _countries() -> Mapping[str, str]:
    """Plain name → code of a country."""
    countries = [region for region in regions().values() if region.kind is Kind.COUNTRY]
    return COUNTRY_ALIASES | {plain(region.name): region.code for region in countries}


@cache
def _subdivisions() -> Mapping[str, frozenset[str]]:
    """Plain name → the codes of every subdivision of that name."""
    found: dict[str, set[str]] = defaultdict(set)
    for names in _aliases().values():
        for name, code in names.items():
            found[name].add(code)
    return {name: frozenset(codes) for name, codes in found.items()}


def subdivision_named(country: str, name: str) -> str | None:
    """The code of the subdivision of a country that has this name in some language, if any.

    >>> subdivision_named("DE", "Bavaria"), subdivision_named("DE", "Atlantis")
    ('DE-BY', None)
    """
    return _aliases().get(country, {}).get(plain(name))


def code_of(text: str) -> str:
    """The code of the Region that a person means: a code in any case, a name, "name, country".

    A country's name wins over a subdivision's: "Georgia" is GE.

    Raises:
        UnknownRegionError: when it names none, or several.

    >>> code_of("us_ca"), code_of("Bavaria"), code_of("Córdoba, Argentina"), code_of("UK")
    ('US-CA', 'DE-BY', 'AR-X', 'GB')
    >>> code_of("Bayern, Deutschland"), code_of("カリフォルニア州")
    ('DE-BY', 'US-CA')
    """
    if text in regions():
        return text
    if len(text) > LONGEST_NAME:
        message = f"a region's name has at most {LONGEST_NAME} characters"
        raise UnknownRegionError(message)
    code = re.sub(r"[\s_]+", "-", text.strip()).upper()
    if code in regions():
        return code
    found = _codes_named(text)
    if len(found) == 1:
        return next(iter(found))
    raise UnknownRegionError(_ambiguity(text, found) if found else _near_matches(text))


def _codes_named(text: str) -> frozenset[str]:
    country = _country_named(text)
    if country is not None:
        return frozenset({country})
    local = codes_named(text) & regions().keys()
    name, comma, of = text.rpartition(",")
    if comma:
        country = _country_named(of) or of.strip().upper()
        inside = subdivision_named(country, name)
        local = codes_named(name) & frozenset(children(country))
        return frozenset({inside}) if inside else local
    return _subdivisions().get(plain(text), local)


def _country_named(text: str) -> str | None:
    """The code of the country, or of the world, that has this name in a language of the pages."""
    found = _countries().get(plain(text))
    local = [code for code in codes_named(text) if len(code) == len("DE") and code in regions()]
    return local[0] if found is None and len(local) == 1 else found


def _ambiguity(text: str, codes: frozenset[str]) -> str:
    choices = ", ".join(f"{code} ({regions()[code].name})" for code in sorted(codes))
    return f'"{text}" may be any of {choices}; send the code'


@cache
def _spellings() -> tuple[tuple[str, str], ...]:
    """Plain spelling and code of every Region: of its code, and of its name."""
    named = [region for region in regions().values() if region.code]
    return tuple(
        (plain(text), region.code) for region in named for text in (region.code, region.name)
    )


def _near_matches(text: str) -> str:
    """What to say of an unknown text."""
    found = process.extract(
        plain(text),
        [spelling for spelling, _ in _spellings()],
        scorer=fuzz.ratio,
        limit=5,
        score_cutoff=70,
    )
    near = list(dict.fromkeys(_spellings()[index][1] for _, _, index in found))
    hint = " or ".join(f"{code} ({regions()[code].name})" for code in near[:3])
    known = "send an ISO 3166 code like DE or US-CA, or a name"
    return f'unknown region "{text}": ' + (f"did you mean {hint}?" if hint else known)
