"""The catalogue as an operator writes it: a YAML file, read and checked as a whole.

Every fault is told at once, with its line, its entry and what to do. The format is described at
the top of `data/catalogue.yaml`. No database here: `reports.catalogue` loads what this reads.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from reports.catalogue_nodes import Entry, Fault, Faults, near_match

SHIPPED = Path(__file__).parent / "data" / "catalogue.yaml"
STATUS_KINDS = ("statuspage", "atom", "rss", "probe", "none")
LONGEST_NAME = 100
LONGEST_ADDRESS = 500
LONGEST_SLUG = 50
MOST_PROBLEM_TYPES = 12
SERVICE_KEYS = (
    "name",
    "category",
    "homepage",
    "status",
    "aliases",
    "problem_types",
    "depends_on",
    "hidden",
)
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class CatalogueFileError(ValueError):
    """A catalogue that cannot be used; one line a fault."""

    def __init__(self, faults: list[Fault]) -> None:
        """Keep the faults, in the file's order."""
        self.faults = tuple(sorted(faults, key=lambda fault: fault.line))
        super().__init__("\n".join(str(fault) for fault in self.faults))


@dataclass(frozen=True, slots=True)
class CategoryEntry:
    """A shelf of the catalogue; the positions of all of them count up from 0."""

    slug: str
    name: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class ProblemTypeEntry:
    """What can be wrong with one Service."""

    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """One Service; lists are in the file's order.

    A hidden one is a draft, or was taken off the site: it is on no page, and nobody can report it.
    """

    slug: str
    name: str
    category: str
    homepage: str
    official_url: str
    official_kind: str
    aliases: tuple[str, ...]
    problem_types: tuple[ProblemTypeEntry, ...]
    depends_on: tuple[str, ...]
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A whole catalogue, free of faults: slugs and aliases are unique, every reference is known."""

    categories: tuple[CategoryEntry, ...]
    services: tuple[ServiceEntry, ...]


def read(path: Path = SHIPPED) -> Catalogue:
    """The catalogue in a file.

    Raises:
        CatalogueFileError: with all of the file's faults.
        OSError: when the file cannot be read.
    """
    return parse(path.read_bytes(), path.name)


def parse(text: bytes | str, name: str = "catalogue") -> Catalogue:
    """The catalogue in a text, which faults call by `name`.

    Raises:
        CatalogueFileError: with all of the text's faults.

    >>> parse("services: {x: {nam: X}}")
    Traceback (most recent call last):
    reports.catalogue_file.CatalogueFileError: catalogue:1: services.x: unknown key "nam"; ...
    """
    faults = Faults(name)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        faults.add(line, "", f"not YAML: {error.problem or error.context}")
        raise CatalogueFileError(faults.found) from error
    except yaml.YAMLError as error:
        faults.add(1, "", f"not YAML: {error}")
        raise CatalogueFileError(faults.found) from error
    catalogue = _catalogue(Entry(node, faults))
    if faults.found:
        raise CatalogueFileError(faults.found)
    return catalogue


def _catalogue(top: Entry) -> Catalogue:
    top.expect_keys({"categories", "services"})
    shelves = top.entries("categories")
    defaults = {shelf.key: _problem_types(shelf) for shelf in shelves}
    categories = tuple(_category(shelf, number) for number, shelf in enumerate(shelves))
    entries = top.entries("services")
    services = tuple(_service(entry, defaults) for entry in entries)
    if not services:
        top.fault("no services; list at least one under `services:`")
    _check_dependencies(entries, services)
    _check_names(entries, services)
    return Catalogue(categories, services)


def _category(entry: Entry, position: int) -> CategoryEntry:
    entry.expect_keys({"name", "problem_types"})
    return CategoryEntry(_slug(entry), _name(entry), position)


def _service(entry: Entry, defaults: dict[str, tuple[ProblemTypeEntry, ...]]) -> ServiceEntry:
    entry.expect_keys(SERVICE_KEYS)
    category = entry.text("category")
    if category not in defaults:
        hint = near_match(category, defaults)
        entry.fault(f'unknown category "{category}"; {hint or "list it under `categories:`"}')
    types = _problem_types(entry) or defaults.get(category, ())
    hidden = entry.flag("hidden")
    if not types and not hidden and category in defaults:
        entry.fault("no problem types; give `problem_types:` here or in its category")
    url, kind = _status(entry)
    return ServiceEntry(
        slug=_slug(entry),
        name=_name(entry),
        category=category,
        homepage=_address(entry, "homepage"),
        official_url=url,
        official_kind=kind,
        aliases=entry.texts("aliases"),
        problem_types=types,
        depends_on=entry.texts("depends_on"),
        hidden=hidden,
    )


def _problem_types(entry: Entry) -> tuple[ProblemTypeEntry, ...]:
    types = tuple(
        ProblemTypeEntry(_slug(kind), kind.own_text()) for kind in entry.entries("problem_types")
    )
    if len(types) > MOST_PROBLEM_TYPES:
        entry.fault(f"{len(types)} problem types; a form has room for {MOST_PROBLEM_TYPES}")
    return types


def _status(entry: Entry) -> tuple[str, str]:
    """Address and kind of the vendor's status page; a page of kind none is only linked."""
    status = entry.child("status")
    if status is None:
        return "", ""
    status.expect_keys({"url", "kind"})
    kind = status.text("kind") or "none"
    if kind not in STATUS_KINDS:
        hint = near_match(kind, STATUS_KINDS)
        status.fault(f'unknown kind "{kind}"; {hint or "give " + ", ".join(STATUS_KINDS)}')
    url = _address(status, "url")
    if not url:
        status.fault("no url; give the page's address, or leave `status` out")
    return url, "" if kind == "none" else kind


def _slug(entry: Entry) -> str:
    if not _SLUG.fullmatch(entry.key) or len(entry.key) > LONGEST_SLUG:
        entry.fault(
            f"not a slug; use a-z, 0-9 and single hyphens, {LONGEST_SLUG} characters at most"
        )
    return entry.key


def _name(entry: Entry) -> str:
    name = entry.text("name")
    if not name.strip() or len(name) > LONGEST_NAME:
        entry.fault(f"give a `name:` of 1 to {LONGEST_NAME} characters")
    return name


def _address(entry: Entry, key: str) -> str:
    address = entry.text(key)
    if not address:
        return ""
    if not _is_address(address):
        entry.fault(f'{key} "{address}" is no address; it starts with https://')
    if len(address) > LONGEST_ADDRESS:
        entry.fault(f"{key} is longer than {LONGEST_ADDRESS} characters")
    return address


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _check_dependencies(entries: list[Entry], services: tuple[ServiceEntry, ...]) -> None:
    known = {service.slug for service in services}
    for entry, service in zip(entries, services, strict=True):
        for slug in service.depends_on:
            if slug not in known:
                hint = near_match(slug, known) or "list it under `services:`"
                entry.fault(f'depends on unknown service "{slug}"; {hint}')
        if len(set(service.depends_on)) < len(service.depends_on):
            entry.fault("names a service twice in depends_on; leave one")
    try:
        TopologicalSorter({one.slug: one.depends_on for one in services}).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        first = next(entry for entry in entries if entry.key in circle)
        first.fault(f"depends on itself: {' ← '.join(circle)}; leave one of them out")


def _check_names(entries: list[Entry], services: tuple[ServiceEntry, ...]) -> None:
    """One name means one Service: slugs, names and aliases together, whatever the case."""
    owners: dict[str, str] = {}
    for entry, service in zip(entries, services, strict=True):
        for name in _names(service):
            owner = owners.setdefault(name.casefold(), service.slug)
            if owner != service.slug:
                entry.fault(f'"{name}" already means {owner}; leave it to one of them')


def _names(service: ServiceEntry) -> Iterator[str]:
    yield service.slug
    yield service.name
    yield from service.aliases
