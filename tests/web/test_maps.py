"""Maps: which colours they have, what they say, and what they keep to themselves."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from aggregator.levels import level
from aggregator.models import PlaceStatus
from aggregator.models.picture import Verdict
from aggregator.selectors.shades import shades, troubles
from tests.factories import service
from tests.readable import make_outage, make_place, make_status
from web.atlas import mapped, outline
from web.mapping import service_map
from web.maps import Area, Caption, draw

NOW = datetime.now(UTC)
CAPTION = Caption("m", "Where <it> fails", "Nowhere.")


def area(code: str, shade: int | None, rank: int | None = None) -> Area:
    return Area(code, shade, f"{code}: much", f"/regions/{code}/", rank)


@pytest.mark.parametrize(
    ("observed", "expected", "wanted"),
    [(4, 0.0, 0), (5, 0.0, 1), (7, 1.5, 1), (8, 0.0, 2), (46, 6.0, 3), (36, 0.0, 4), (99, 99, 0)],
)
def test_level_follows_the_shrunk_ratio(observed: int, expected: float, wanted: int) -> None:
    assert level(observed, expected) == wanted


def test_no_count_below_five_ever_has_a_colour() -> None:
    assert {level(observed, 0.0) for observed in range(5)} == {0}


def test_every_map_has_a_place_and_a_label_for_each_of_its_regions() -> None:
    assert len(mapped()) == 165
    for code in mapped():
        found = outline(code)
        left, top, width, height = found.box
        assert set(found.paths) <= set(found.labels)
        for x, y in found.labels.values():
            assert left <= x <= left + width
            assert top <= y <= top + height


def test_map_is_one_image_with_words_and_its_links_are_out_of_the_way() -> None:
    drawn = draw(outline("US"), "/s.svg", [area("US-CA", 4, 1), area("US-TX", 2, 2)], CAPTION)
    assert 'role="img" aria-labelledby="m-title m-description"' in drawn
    assert '<title id="m-title">Where &lt;it&gt; fails</title>' in drawn
    image, _, overlay = drawn.partition("</svg>")
    assert "<a " not in image
    assert overlay.count('tabindex="-1"') == 2
    assert overlay.count('aria-hidden="true"') == 2
    # The worst is drawn last, so that its edge lies on top.
    assert image.index("#US-TX") < image.index("#US-CA")


def test_territory_without_an_outline_is_a_dot() -> None:
    assert "<circle" in draw(outline(""), "/s.svg", [area("TV", 3)], CAPTION)
    assert "TV" not in draw(outline("US"), "/s.svg", [area("TV", 3)], CAPTION)


def test_what_nobody_can_tell_is_hatched() -> None:
    drawn = draw(outline("US"), "/s.svg", [area("US-CA", None)], CAPTION, known=False)
    assert drawn.count('fill="url(#m-hatch)"') == 2


def test_ranks_do_not_cover_each_other() -> None:
    crowded = [area("US-RI", 4, 1), area("US-CT", 4, 2), area("US-CA", 4, 3)]
    assert re.findall(r">(\d)</text>", draw(outline("US"), "/s.svg", crowded, CAPTION)) == [
        "1",
        "3",
    ]


@pytest.mark.django_db
def test_map_shows_the_country_that_most_of_it_is_in() -> None:
    status = make_status("claude", Verdict.MAJOR, observed=200)
    for code, count in {"US": 400, "US-CA": 300, "US-NY": 4, "DE": 40}.items():
        make_place("claude", code, count)
    shown = service_map(service("claude"), status, shades(status.service_id))
    assert shown.larger == "/map/US/?service=claude"
    assert [(entry.address, entry.level) for entry in shown.entries] == [("/regions/US-CA/", 4)]
    # What is said of the rest is no more than what the published counts tell: 400 - 300.
    assert shown.beyond.startswith("100 reports more from")
    assert "US-NY" not in shown.svg
    world = service_map(service("claude"), status, shades(status.service_id), "")
    assert [entry.rank for entry in world.entries] == [1, 2]
    assert world.beyond.startswith("160 reports more")


@pytest.mark.django_db
def test_very_large_service_is_compared_by_its_last_quarter_hour(client: Client) -> None:
    make_status("claude", Verdict.MAJOR, observed=200)
    make_status("aws", Verdict.MAJOR)
    # Loud for an hour and quiet now; loud only now; loud, but too few now to be published.
    make_place("claude", "US", 400, expected=40.0, recent=(12, 10.0))
    make_place("claude", "DE", 60, expected=40.0, recent=(50, 10.0))
    make_place("claude", "BR", 90, recent=(4, 0.2))
    make_place("aws", "US", 90)
    found = [(one.region, one.slug, one.level) for one in troubles(parent="")]
    assert found == [("US", "aws", 4), ("DE", "claude", 2)]
    page = client.get("/map/?service=claude").content.decode()
    assert "1 place is above the usual: DE." in page
    assert "50 reports, usual 10" in page
    # 200 in the quarter-hour worldwide, 12 and 50 of them shown.
    assert "138 reports more name no country" in page
    assert "the last 15 minutes." in page
    assert "the last 60 minutes." in client.get("/map/?service=aws").content.decode()
    assert "of very large services the last 15." in client.get("/map/").content.decode()


@pytest.mark.django_db
def test_place_whose_usual_nobody_knows_is_hatched(client: Client) -> None:
    make_status("claude", Verdict.MAJOR, observed=200)
    make_place("claude", "US", 60)
    make_place("claude", "BR", 20, expected=None)
    # Four are usual of the whole Service in 15 minutes: of no place more than 16 in the hour.
    make_place("claude", "DE", 90, expected=None)
    page = client.get("/map/?service=claude").content.decode()
    hatched = '<use href="[^"]*#BR" class="level-unknown" fill="url\\(#map-hatch\\)"/>'
    assert re.search(hatched, page)
    assert re.search('<use href="[^"]*#US" class="level-4"/>', page)
    assert re.search('<use href="[^"]*#DE" class="level-2"/>', page)
    assert "2 places are above the usual, most of all: US, DE. 1 place has reports, but its" in page
    assert "20 reports, usual: not known yet" in page
    assert 'class="key level-unknown"' in page
    assert re.search(hatched, client.get("/map/").content.decode())
    assert "Nothing that we know of" in client.get("/regions/BR/").content.decode()
    PlaceStatus.objects.exclude(region_id="BR").delete()
    alone = client.get("/map/?service=claude").content.decode()
    assert "All places are up" not in alone


@pytest.mark.django_db
def test_map_of_a_service_that_nobody_knows_says_that_it_cannot_tell() -> None:
    make_place("claude", "DE", 40)
    status = make_status("claude", Verdict.UNKNOWN)
    shown = service_map(service("claude"), status, shades(status.service_id))
    assert (shown.known, shown.entries) == (False, [])
    assert "level-unknown" in shown.svg


@pytest.mark.django_db
def test_quiet_map_says_in_words_that_all_places_are_up(client: Client) -> None:
    make_status("claude", Verdict.OK)
    make_place("claude", "DE", 40)
    for address in ("/", "/map/"):
        assert "All places are up" in client.get(address).content.decode()


@pytest.mark.django_db
def test_page_of_a_region_says_what_is_down_there(client: Client) -> None:
    outage = make_outage("claude", NOW - timedelta(hours=1), regions=["US"])
    make_status("claude", Verdict.MAJOR, outage=outage)
    make_status("aws", Verdict.OK)
    make_place("claude", "US-CA", 60)
    make_place("aws", "US-CA", 7, expected=6.0)
    make_place("github", "US-CA", 4)
    page = client.get("/regions/US-CA/").content.decode()
    assert "Claude is reported far more than usual here." in page
    assert f"/outages/{outage.pk}/" in page
    assert "/services/aws/" in page
    assert "/services/github/" not in page
    assert 'href="/regions/US/"' in page
    german = client.get("/regions/DE/").content.decode()
    assert "Nothing that we know of" in german
    assert f"/outages/{outage.pk}/" not in german


@pytest.mark.django_db
def test_sheet_of_outlines_is_kept_for_ever(client: Client) -> None:
    address = re.search(r'href="(/maps/world-[^#]+)#land"', client.get("/").content.decode())
    assert address is not None
    response = client.get(address[1])
    assert response["Content-Type"] == "image/svg+xml"
    assert "immutable" in response["Cache-Control"]
    assert 'id="land"' in response.content.decode()
