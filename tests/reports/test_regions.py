"""Regions in the database."""

from io import StringIO

import pytest
from django.core.management import call_command

from reports import geography
from reports.models import Region
from reports.regions import load_regions

pytestmark = pytest.mark.django_db


def test_load_regions_makes_the_table_the_same_as_the_tree() -> None:
    load_regions()

    loaded = {
        row.code: (row.kind, row.parent_id, row.name, row.time_zone, row.weight)
        for row in Region.objects.all()
    }
    assert loaded == {
        region.code: (region.kind, region.parent, region.name, region.time_zone, region.weight)
        for region in geography.regions().values()
    }


def test_load_regions_twice_changes_nothing() -> None:
    load_regions()

    assert load_regions() == 0


def test_load_regions_mends_what_differs_and_keeps_what_is_gone() -> None:
    load_regions()
    Region.objects.filter(code="AT").update(name="Österreich")
    Region.objects.create(
        code="AT-X",
        kind="subdivision",
        parent_id="AT",
        name="Old",
        latitude=0,
        longitude=0,
        time_zone="UTC",
        weight=1,
    )

    assert load_regions() == 1
    assert Region.objects.get(code="AT").name == "Austria"
    assert Region.objects.filter(code="AT-X").exists()


def test_command_says_how_many_regions_were_written() -> None:
    load_regions()
    out = StringIO()

    call_command("load_regions", stdout=out)

    assert out.getvalue() == "Regions: 0 new or changed.\n"
