"""What would change if one catalogue took another's place. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from reports.catalogue_file import Catalogue, CategoryEntry, ProblemTypeEntry, ServiceEntry

AnyEntry = CategoryEntry | ServiceEntry


@dataclass(frozen=True, slots=True)
class Change:
    """One entry that differs; `before` is None for a new one."""

    before: AnyEntry | None
    after: AnyEntry

    def differences(self) -> Iterator[tuple[str, str, str]]:
        """Name, value before and value after of each field that differs."""
        for one in fields(self.after):
            old, new = getattr(self.before, one.name, None), getattr(self.after, one.name)
            if old != new and (self.before is not None or new):
                yield one.name.replace("_", " "), shown(old), shown(new)


def changes(before: Catalogue, after: Catalogue) -> list[Change]:
    """What loading `after` over `before` changes: Categories first, in the order of `after`.

    Services that `after` does not list are hidden by that; their Categories stay.
    """
    categories = {one.slug: one for one in before.categories}
    services = {one.slug: in_order(one) for one in before.services}
    wanted: list[AnyEntry] = [*after.categories, *(in_order(one) for one in after.services)]
    listed = {one.slug for one in after.services}
    wanted += [_gone(one) for slug, one in services.items() if slug not in listed]
    return [
        Change(old, new)
        for new in wanted
        if (old := (categories if isinstance(new, CategoryEntry) else services).get(new.slug))
        != new
    ]


def with_entries(catalogue: Catalogue, entries: Iterable[AnyEntry]) -> Catalogue:
    """A catalogue with some entries put in the place of those of the same slug, or added.

    Categories go where their positions say, and all are numbered anew.
    """
    given = list(entries)
    categories = {one.slug: one for one in catalogue.categories}
    categories |= {one.slug: one for one in given if isinstance(one, CategoryEntry)}
    moved = {one.slug for one in given}
    order = sorted(categories.values(), key=lambda one: (one.position, one.slug not in moved))
    services = {one.slug: one for one in catalogue.services}
    services |= {one.slug: one for one in given if isinstance(one, ServiceEntry)}
    return Catalogue(
        tuple(replace(one, position=position) for position, one in enumerate(order)),
        tuple(services.values()),
    )


def as_json(entry: AnyEntry | None) -> dict[str, Any] | None:
    """An entry as a JSON object."""
    return None if entry is None else asdict(entry)


def from_json(found: Mapping[str, Any] | None) -> AnyEntry | None:
    """The entry that `as_json` wrote."""
    if found is None:
        return None
    if "category" not in found:
        return CategoryEntry(**found)
    lists = {name: tuple(found[name]) for name in ("aliases", "depends_on")}
    types = tuple(ProblemTypeEntry(**kind) for kind in found["problem_types"])
    return ServiceEntry(**{**found, **lists, "problem_types": types})


def shown(value: object) -> str:
    """A field's value for people."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(str(getattr(one, "name", one)) for one in value)
    return "" if value is None else str(value)


def in_order(one: ServiceEntry) -> ServiceEntry:
    """A Service with its names sorted: the database keeps no order of them."""
    return replace(
        one, aliases=tuple(sorted(one.aliases)), depends_on=tuple(sorted(one.depends_on))
    )


def _gone(one: ServiceEntry) -> ServiceEntry:
    return replace(one, aliases=(), depends_on=(), hidden=True)
