"""All Services by Category, as a list of links. Pure but for the marks it is given.

Written without the template engine: for a thousand Services that is the difference between a page
in milliseconds and one in tenths of a second.
"""

from collections.abc import Iterable, Mapping
from html import escape
from itertools import groupby

from aggregator.selectors.board import Tile
from web.templatetags.words import spoken


def shelves(tiles: Iterable[Tile], marks: Mapping[str, str], address: str) -> str:
    """A heading and a list for each Category.

    Args:
        tiles: by Category and name.
        marks: the HTML of each verdict.
        address: of a Service's page, with `{}` for its slug.
    """
    return "".join(
        _shelf(name, slug, list(shelf), marks, address)
        for (name, slug), shelf in groupby(tiles, key=lambda one: (one.shelf, one.category))
    )


def _shelf(name: str, slug: str, tiles: list[Tile], marks: Mapping[str, str], address: str) -> str:
    before, _, after = address.partition("{}")
    items = "".join(
        f'<li><a href="{before}{one.slug}{after}">{marks[one.verdict]}'
        f"<bdi>{escape(one.name)}</bdi></a></li>"
        for one in tiles
    )
    return (
        f'<h3 id="{slug}"><a href="?category={slug}">{escape(spoken(name))}</a></h3>'
        f'<ul class="shelf-of">{items}</ul>'
    )
