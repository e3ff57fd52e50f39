"""`/method/` shows the published figures, with intervals and the version that made them."""

import pytest
from django.test import Client

from web.figures import OURS, published
from web.frontier import draw
from web.pages.method import TITLES

DASH = "\N{EN DASH}"
pytestmark = pytest.mark.django_db


def test_page_shows_the_figures_with_intervals_and_version(client: Client) -> None:
    figures = published()
    text = client.get("/method/").content.decode()
    best = next(iter(figures.together.values()), figures.worlds[0].figures)
    assert f"version {figures.parameters} of the detector" in text
    for share in (best.found.share.percent, best.closing.placed.percent):
        assert (
            f'{share.value:.0f} % <span class="detail">{share.low:.0f}{DASH}{share.high:.0f}'
            in text
        )
    assert f"{best.false.low:.2f}{DASH}{best.false.high:.2f}" in text


def test_page_shows_every_peer_and_marks_ours(client: Client) -> None:
    peers = published().peers
    assert peers is not None
    text = client.get("/method/").content.decode()
    assert text.count('<tr class="ours">') == 1
    for row in peers.rows:
        title = TITLES.get(row.title, row.title)
        assert f'<th scope="row">{title}</th>' in text
    assert text.count('class="frontier-rival"') == sum(
        line.name.startswith("Downdetector") for line in peers.lines if line.points
    )


def test_frontier_places_ours_where_its_figures_are() -> None:
    peers = published().peers
    assert peers is not None
    ours = next(row for row in peers.rows if row.name == OURS)
    line = next(line for line in peers.lines if line.name == OURS)
    ((false, found),) = line.points
    assert (false, found) == (ours.false.value, ours.found.share.value)
    assert draw([line], "a & b").count("a &amp; b") == 1
