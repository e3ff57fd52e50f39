"""Where a Report comes from: the first clue that tells, in a fixed order.

The sender's own choice of Region → their position → their network → the country in their language
settings → unknown, which is the world. No clue is kept or logged, only the Region and its source.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import maxminddb
import msgspec

from reports.geography import WORLD, code_of, is_code, subdivision_named
from reports.models.report import RegionSource
from reports.outlines import Position, outlines

_LANGUAGE = re.compile(r"([a-z]{2,8})(?:-[a-z]{4})?(?:-([a-z]{2}))?(?:-[a-z0-9]+)*", re.IGNORECASE)
_QUALITY = re.compile(r"q=([01](?:\.\d{0,3})?)", re.IGNORECASE)
# A browser sends a handful of languages; whoever sends more gets no more read.
MOST_LANGUAGES = 20


@dataclass(frozen=True, slots=True)
class Clues:
    """What a request tells of its sender's place; every part may be missing.

    Args:
        region: a code or name, as the sender wrote it.
        position: where the sender is.
        address: IPv4 or IPv6, without port or zone.
        accept_language: the header (RFC 9110 §12.5.4).
    """

    region: str = ""
    position: Position | None = None
    address: str = field(default="", repr=False)
    accept_language: str = field(default="", repr=False)


class Place(NamedTuple):
    """A Region's code and how it is known."""

    region: str
    source: RegionSource


class NetworkFileError(ValueError):
    """A file of networks that cannot be used; its message names the file and the remedy."""


class _Named(msgspec.Struct):
    iso_code: str = ""
    names: dict[str, str] = {}


class _Record(msgspec.Struct):
    """The part we read of a GeoIP2 or DB-IP record; subdivisions go from large to small."""

    country: _Named = msgspec.field(default_factory=_Named)
    subdivisions: list[_Named] = []


class NetworkRegions:
    """Regions of networks, read from an operator's own file in MaxMind's format (.mmdb).

    Raises:
        NetworkFileError: for a file that is missing or no such database.
    """

    def __init__(self, path: Path) -> None:
        """Open the file; it stays open for the life of the process."""
        try:
            self._reader = maxminddb.open_database(path)
        except (OSError, maxminddb.InvalidDatabaseError) as error:
            message = f"{path}: {error}; give a GeoIP2 or DB-IP country or city database (.mmdb)"
            raise NetworkFileError(message) from error

    def region_of(self, address: str) -> str | None:
        """The code of the deepest Region known for an address; None also for a broken record."""
        try:
            record = msgspec.convert(self._reader.get(address), _Record)
        except (ValueError, maxminddb.InvalidDatabaseError):
            return None
        country = record.country.iso_code
        if not country or not is_code(country):
            return None
        known = (_subdivision(country, named) for named in reversed(record.subdivisions))
        return next(filter(None, known), country)


def _subdivision(country: str, named: _Named) -> str | None:
    """A subdivision by its code, unless its names tell of another: some codes were given anew."""
    code = f"{country}-{named.iso_code}"
    meant = [found for name in named.names.values() if (found := subdivision_named(country, name))]
    if is_code(code) and (code in meant or not meant):
        return code
    return next(iter(meant), None)


def country_of_languages(header: str) -> str | None:
    """The country in an Accept-Language header, if the sender's first language names one.

    Only the language they like best is asked: many a German browser also sends `en-US`.

    >>> country_of_languages("de-AT,de;q=0.9,en-US;q=0.8"), country_of_languages("de,en-US;q=0.7")
    ('AT', None)
    """
    best = sorted(_languages(header), key=lambda one: -one.quality)
    countries = (one.country for one in best if one.language == best[0].language)
    return next((country for country in countries if country and is_code(country)), None)


class _Language(NamedTuple):
    quality: float
    language: str
    country: str


def _languages(header: str) -> Iterator[_Language]:
    for part in header.split(",", MOST_LANGUAGES)[:MOST_LANGUAGES]:
        tag, _, parameter = part.strip().partition(";")
        read = _LANGUAGE.fullmatch(tag.strip())
        quality = _QUALITY.fullmatch(parameter.strip())
        if read and (quality or not parameter):
            weight = float(quality[1]) if quality else 1.0
            if weight:
                yield _Language(weight, read[1].lower(), (read[2] or "").upper())


def locate(clues: Clues, networks: NetworkRegions | None = None) -> Place:
    """The Region that a Report names, and how it is known.

    Raises:
        reports.geography.UnknownRegionError: when the sender's own region names none.

    >>> locate(Clues(region="california", accept_language="de-DE"))
    Place(region='US-CA', source=RegionSource.USER)
    >>> locate(Clues(accept_language="de-DE"))
    Place(region='DE', source=RegionSource.LOCALE)
    """
    if clues.region.strip():
        return Place(code_of(clues.region), RegionSource.USER)
    if clues.position and (code := outlines.region_at(clues.position)):
        return Place(code, RegionSource.POSITION)
    if networks and clues.address and (code := networks.region_of(clues.address)):
        return Place(code, RegionSource.IP)
    if code := country_of_languages(clues.accept_language):
        return Place(code, RegionSource.LOCALE)
    return Place(WORLD, RegionSource.NONE)
