"""What every page of the back office stands on: rows are shown, and changed by named acts only.

Both rooms build on `ReadOnlyAdmin`. An act is an admin action that calls a verb; nothing here
writes a row.
"""

from typing import TYPE_CHECKING, TypeVar

from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin

# How many pages of a table are offered whose rows nobody counts.
MOST_PAGES = 100
ROWS_PER_PAGE = 50

Row = TypeVar("Row", bound=Model)

if TYPE_CHECKING:
    # Unfold ships no types; it behaves as Django's own class does.
    from django.contrib.admin import ModelAdmin as OfficeAdmin
else:
    OfficeAdmin = ModelAdmin


class ReadOnlyAdmin(OfficeAdmin[Row]):
    """Shows rows; adds, changes and deletes none.

    A subclass says in `list_select_related` what its list names, so that the list costs the same
    number of queries for any number of rows.
    """

    show_full_result_count = False
    list_per_page = ROWS_PER_PAGE
    list_fullwidth = True
    list_filter_submit = True

    def has_add_permission(self, _request: HttpRequest, *_: object) -> bool:
        """Nobody's."""
        return False

    def has_change_permission(self, _request: HttpRequest, _row: Row | None = None) -> bool:
        """Nobody's."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _row: Row | None = None) -> bool:
        """Nobody's."""
        return False


class UncountedPaginator(Paginator[Row]):
    """Pages of a table that is too big to count: it offers a fixed number of them."""

    @cached_property
    def count(self) -> int:
        """Enough for `MOST_PAGES` pages, whatever there is."""
        return MOST_PAGES * self.per_page
