"""What can be read about: Categories and Regions."""

from typing import cast

import msgspec
from django.db.models import Count, Q, QuerySet

from aggregator.selectors.values import RegionCode, RegionLevel, Slug
from reports.models import Category, Region
from reports.models.place import RegionKind


class CategoryEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A shelf of the catalogue."""

    slug: Slug
    name: str
    services: int


class RegionEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A node of the tree of Regions below the world; `parent` is null for a country."""

    code: RegionCode
    kind: RegionLevel
    name: str
    parent: RegionCode | None
    time_zone: str
    latitude: float
    longitude: float


def categories() -> QuerySet[Category]:
    """All Categories with `size`, the number of their active Services."""
    return Category.objects.annotate(size=Count("services", filter=Q(services__is_active=True)))


def category_entry(category: Category) -> CategoryEntry:
    """A Category of `categories()` ready to show."""
    size: int = category.size  # type: ignore[attr-defined]  # annotated above
    return CategoryEntry(slug=category.slug, name=category.name, services=size)


def regions(*, kind: str | None = None, parent: str | None = None) -> QuerySet[Region]:
    """All Regions but the world, perhaps only those of a kind or directly below another."""
    found = Region.objects.exclude(kind=RegionKind.WORLD)
    if kind:
        found = found.filter(kind=kind)
    return found.filter(parent_id=parent) if parent else found


def region_entry(region: Region) -> RegionEntry:
    """A Region ready to show."""
    return RegionEntry(
        code=region.code,
        kind=cast("RegionLevel", region.kind),
        name=region.name,
        parent=region.parent_id or None,
        time_zone=region.time_zone,
        latitude=region.latitude,
        longitude=region.longitude,
    )


def within(code: str) -> QuerySet[Region, str]:
    """The codes of a Region and all below it, as a subquery; the tree has two levels."""
    return Region.objects.filter(Q(code=code) | Q(parent_id=code)).values_list("code", flat=True)
