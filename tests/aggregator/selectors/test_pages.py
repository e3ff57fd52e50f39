"""Pages of lists: whatever the rows and the size, none is lost or shown twice."""

import pytest
from django.db.models import QuerySet
from hypothesis import given, settings
from hypothesis import strategies as st

from aggregator.selectors.pages import BadCursorError, Cursor, Order, Page, cut, read_cursor
from reports.models import Region

BY_NAME = Order(("-kind", "code"), tuple[str, str])
pytestmark = pytest.mark.django_db


def walk(rows: QuerySet[Region], size: int, *, backwards: bool = False) -> list[Page[Region]]:
    """All pages from one end to the other."""
    pages = [cut(rows, BY_NAME, size)]
    while following := pages[-1].next:
        pages.append(cut(rows, BY_NAME, size, following))
    if not backwards:
        return pages
    pages = [pages[-1]]
    while preceding := pages[-1].previous:
        pages.append(cut(rows, BY_NAME, size, preceding))
    return pages


@settings(max_examples=25)
@given(
    codes=st.sets(st.sampled_from(["US", "US-CA", "US-NY", "DE", "DE-BE", "BR", "AT"])),
    size=st.integers(min_value=1, max_value=8),
)
def test_walking_either_way_shows_every_row_once(codes: set[str], size: int) -> None:
    rows = Region.objects.filter(code__in=codes)
    wanted = [row.code for row in rows.order_by("-kind", "code")]
    there = walk(rows, size)
    back = walk(rows, size, backwards=True)
    assert [row.code for page in there for row in page.items] == wanted
    assert [row.code for page in reversed(back) for row in page.items] == wanted
    assert all(len(page.items) <= size for page in [*there, *back])


def test_cursor_survives_its_text() -> None:
    cursor = Cursor(("subdivision", "US-CA"), backwards=True)
    assert read_cursor(cursor.text(), BY_NAME) == cursor


@given(text=st.text(max_size=40))
def test_any_other_text_is_no_cursor(text: str) -> None:
    try:
        cursor = read_cursor(text, BY_NAME)
    except BadCursorError:
        return
    assert len(cursor.position) == 2


def test_row_that_vanished_keeps_the_place() -> None:
    rows = Region.objects.filter(code__in=["DE", "BR", "US"])
    first = cut(rows, BY_NAME, 1)
    assert first.next is not None
    following = cut(rows.exclude(code=first.items[0].code), BY_NAME, 1, first.next)
    assert [row.code for row in following.items] == ["DE"]
