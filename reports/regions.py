"""Loads the tree of Regions into the database: the only writer of Regions."""

from dataclasses import asdict

from django.db import transaction

from reports import geography
from reports.models import Region

_FIELDS = ["kind", "parent_id", "name", "latitude", "longitude", "time_zone", "weight"]


def load_regions() -> int:
    """Bring every Region up to date; returns how many were new or differed.

    Regions that are no longer in the tree stay, because counts still name them. Opens a
    transaction; two loads at once do no harm.
    """
    with transaction.atomic():
        known = Region.objects.in_bulk()
        wanted = [_row(region) for region in geography.regions().values()]
        stale = [row for row in wanted if not _is_same(row, known.get(row.code))]
        # Parents come before their children, and the foreign keys are checked at the end.
        Region.objects.bulk_create(
            stale,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=[field.removesuffix("_id") for field in _FIELDS],
        )
        return len(stale)


def _row(region: geography.Region) -> Region:
    values = asdict(region)
    del values["has_map"]
    return Region(parent_id=values.pop("parent"), **values)


def _is_same(row: Region, known: Region | None) -> bool:
    return known is not None and all(
        getattr(row, field) == getattr(known, field) for field in _FIELDS
    )
