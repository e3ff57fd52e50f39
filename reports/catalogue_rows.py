"""The catalogue as the database has it now, in the words of the file."""

from collections import defaultdict
from collections.abc import Iterable
from typing import TypeVar

from django.db.models import QuerySet

from reports.catalogue_file import Catalogue, CategoryEntry, ProblemTypeEntry, ServiceEntry
from reports.models import Category, ProblemType, Service, ServiceAlias, ServiceDependency

T = TypeVar("T")


def current() -> Catalogue:
    """All Categories and Services, hidden ones too, in the site's order. Five queries."""
    aliases = _grouped(ServiceAlias.objects.order_by().values_list("service_id", "name"))
    links = _grouped(ServiceDependency.objects.values_list("service_id", "depends_on__slug"))
    types = _grouped(_active_types())
    return Catalogue(
        tuple(
            CategoryEntry(one.slug, one.name, position)
            for position, one in enumerate(Category.objects.all())
        ),
        tuple(
            ServiceEntry(
                slug=row.slug,
                name=row.name,
                category=row.category.slug,
                homepage=row.homepage,
                official_url=row.official_url,
                official_kind=row.official_kind,
                aliases=tuple(sorted(aliases[row.pk])),
                problem_types=tuple(types[row.pk]),
                depends_on=tuple(sorted(links[row.pk])),
                hidden=not row.is_active,
            )
            for row in _services()
        ),
    )


def _services() -> QuerySet[Service]:
    order = ("category__position", "category__name", "name", "slug")
    return Service.objects.select_related("category").order_by(*order)


def _active_types() -> Iterable[tuple[int, ProblemTypeEntry]]:
    rows = ProblemType.objects.filter(is_active=True).order_by("position", "slug")
    for service, slug, name in rows.values_list("service_id", "slug", "name"):
        yield service, ProblemTypeEntry(slug, name)


def _grouped(pairs: Iterable[tuple[int, T]]) -> dict[int, list[T]]:
    groups: dict[int, list[T]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return groups
