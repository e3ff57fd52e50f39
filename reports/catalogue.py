"""Loads a catalogue into the database: the only writer of services and what hangs on them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from django.db import connection, transaction

from reports.catalogue_file import Catalogue, ProblemTypeEntry, ServiceEntry
from reports.models import Category, ProblemType, Service, ServiceAlias, ServiceDependency

_Row = TypeVar("_Row", Category, Service, ProblemType)
_Link = TypeVar("_Link", ServiceAlias, ServiceDependency)


@dataclass(frozen=True, slots=True)
class Summary:
    """What a load changed, in rows; retired is what the catalogue no longer lists."""

    added: int = 0
    changed: int = 0
    retired: int = 0

    def __add__(self, other: "Summary") -> "Summary":
        """Both together."""
        return Summary(
            self.added + other.added, self.changed + other.changed, self.retired + other.retired
        )


def load(catalogue: Catalogue) -> Summary:
    """Make the database's catalogue the same as this one.

    Loading the same again changes nothing. Services and problem types that are not listed are
    kept as inactive, because counts still name them; one that is listed again is active again.
    Opens a transaction; of two loads at once, one waits for the other.
    """
    with transaction.atomic():
        take_turn()
        categories = _load_categories(catalogue)
        services = _load_services(catalogue)
        known = Service.objects.in_bulk(field_name="slug")
        types = _load_problem_types(catalogue, known)
        aliases = _replace(
            ServiceAlias,
            ("service_id", "name"),
            {(known[one.slug].pk, name) for one in catalogue.services for name in one.aliases},
        )
        links = _replace(
            ServiceDependency,
            ("service_id", "depends_on_id"),
            {
                (known[one.slug].pk, known[other].pk)
                for one in catalogue.services
                for other in one.depends_on
            },
        )
        return categories + services + types + aliases + links


def take_turn() -> None:
    """Wait until nobody else changes the catalogue; it ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('catalogue', 0))")


def load_first(catalogue: Catalogue) -> Summary | None:
    """Load a catalogue into a database that has none; None where an operator's own may be."""
    return None if Service.objects.exists() else load(catalogue)


def _load_categories(catalogue: Catalogue) -> Summary:
    rows = {
        entry.slug: {"name": entry.name, "position": entry.position}
        for entry in catalogue.categories
    }
    return _write(Category.objects.in_bulk(field_name="slug"), rows, Category)


def _load_services(catalogue: Catalogue) -> Summary:
    categories = Category.objects.in_bulk(field_name="slug")
    rows = {
        entry.slug: _service_row(entry, categories[entry.category]) for entry in catalogue.services
    }
    written = _write(Service.objects.in_bulk(field_name="slug"), rows, Service)
    gone = Service.objects.filter(is_active=True).exclude(slug__in=rows)
    return written + Summary(retired=gone.update(is_active=False))


def _service_row(entry: ServiceEntry, category: Category) -> dict[str, object]:
    return {
        "name": entry.name,
        "category_id": category.pk,
        "homepage": entry.homepage,
        "official_url": entry.official_url,
        "official_kind": entry.official_kind,
        "is_active": not entry.hidden,
    }


def _load_problem_types(catalogue: Catalogue, known: Mapping[str, Service]) -> Summary:
    """Those of services that are not listed stay as they are: nothing offers them."""
    total = Summary()
    existing: dict[int, dict[str, ProblemType]] = {}
    for row in ProblemType.objects.all():
        existing.setdefault(row.service_id, {})[row.slug] = row
    for entry in catalogue.services:
        service = known[entry.slug]
        rows = dict(_problem_type_rows(entry.problem_types, service))
        before = existing.get(service.pk, {})
        gone = [row.pk for row in before.values() if row.slug not in rows and row.is_active]
        total += _write(before, rows, ProblemType)
        ProblemType.objects.filter(pk__in=gone).update(is_active=False)
        total += Summary(retired=len(gone))
    return total


def _problem_type_rows(
    entries: tuple[ProblemTypeEntry, ...], service: Service
) -> Iterator[tuple[str, dict[str, object]]]:
    for position, entry in enumerate(entries):
        yield (
            entry.slug,
            {
                "service_id": service.pk,
                "name": entry.name,
                "position": position,
                "is_active": True,
            },
        )


def _write(
    existing: Mapping[str, _Row], rows: Mapping[str, Mapping[str, object]], model: type[_Row]
) -> Summary:
    """Add the rows whose slug is new and change those that differ, and only those."""
    new = [model(slug=slug, **rows[slug]) for slug in rows if slug not in existing]
    changed = []
    for slug, row in existing.items():
        wanted = rows.get(slug, {})
        if any(getattr(row, field) != value for field, value in wanted.items()):
            for field, value in wanted.items():
                setattr(row, field, value)
            changed.append(row)
    model.objects.bulk_create(new)
    if changed:
        model.objects.bulk_update(changed, list(next(iter(rows.values()))))
    return Summary(added=len(new), changed=len(changed))


def _replace(
    model: type[_Link], fields: tuple[str, str], wanted: set[tuple[object, ...]]
) -> Summary:
    """Make a table hold these pairs and no others; no history names a row of it."""
    rows = model.objects.values_list("pk", *fields)
    existing = {tuple(values): pk for pk, *values in rows}
    gone = [pk for values, pk in existing.items() if values not in wanted]
    new = [dict(zip(fields, values, strict=True)) for values in wanted if values not in existing]
    model.objects.filter(pk__in=gone).delete()
    model.objects.bulk_create([model(**row) for row in new])
    return Summary(added=len(new), retired=len(gone))
