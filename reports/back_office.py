"""What every page of the back office stands on: rows are shown, and changed by named acts only.

Both rooms build on `ReadOnlyAdmin`. An act is an admin action, or the form of a `VerbAdmin`, that
calls a verb; nothing here writes a row.
"""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.functional import cached_property
from unfold.admin import ModelAdmin
from unfold.widgets import UnfoldAdminTextInputWidget

from reports.trail import Doing

# How many pages of a table are offered whose rows nobody counts.
MOST_PAGES = 100
ROWS_PER_PAGE = 50
# The attribute of a form's row that is shown once.
ONCE = "shown_once"

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


def doing(request: HttpRequest, reason: str) -> Doing:
    """Whoever asks does something now, for a reason."""
    by = request.user if isinstance(request.user, User) else None
    return Doing(by, reason, datetime.now(UTC))


def show_once(request: HttpRequest, holder: str, secret: str) -> HttpResponse:
    """The one page that shows a secret that was just made; nobody keeps it."""
    context = {
        **admin.site.each_context(request),
        "title": "Made",
        "holder": holder,
        "secret": secret,
    }
    response = render(request, "admin/shown_once.html", context)
    response.headers["Cache-Control"] = "no-store"
    return response


class RefusedActError(Exception):
    """A verb did not do it; the text says why, for people."""


class VerbForm(forms.ModelForm[Row]):
    """A form whose saving is a verb. A subclass names its model and fields, and has `act`.

    Attributes:
        secret: what `act` made that is shown once; empty for nothing.
    """

    secret = ""

    reason = forms.CharField(
        label="Reason",
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text="Your colleagues read it in the trail.",
    )

    def act(self, doing: Doing) -> Row:
        """Do what the form says; the row that came of it.

        Raises:
            RefusedActError: when it can't be done.
        """
        raise NotImplementedError


class VerbAdmin(ReadOnlyAdmin[Row]):
    """Rows that a `VerbForm` adds and changes, for those who may.

    Attributes:
        adds: the permission to add one; empty: nobody.
        changes: the permission to change one; empty: nobody.
        adds_by: the form that adds one, where it is another than the one that changes one.
    """

    adds: ClassVar[str] = ""
    changes: ClassVar[str] = ""
    adds_by: ClassVar[type["VerbForm[Any]"] | None] = None

    def has_add_permission(self, request: HttpRequest, *_: object) -> bool:
        """Those with the permission `adds`."""
        return bool(self.adds) and request.user.has_perm(self.adds)

    def has_change_permission(self, request: HttpRequest, _row: Row | None = None) -> bool:
        """Those with the permission `changes`."""
        return bool(self.changes) and request.user.has_perm(self.changes)

    def get_form(
        self,
        request: HttpRequest,
        obj: Row | None = None,
        change: bool = False,  # noqa: FBT001, FBT002 - Django's signature
        **kwargs: Any,  # noqa: ANN401 - Django's signature
    ) -> type[forms.ModelForm[Row]]:
        """The form of a page."""
        if obj is None and self.adds_by:
            kwargs["form"] = self.adds_by
        made: type[forms.ModelForm[Row]] = super().get_form(request, obj, change, **kwargs)
        return made

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """The form, or where it leads; what a verb refused comes back as a message."""
        try:
            response: HttpResponse = super().changeform_view(
                request, object_id, form_url, extra_context
            )
        except RefusedActError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())
        return response

    def save_model(
        self,
        request: HttpRequest,
        obj: Row,
        form: forms.ModelForm[Row],
        change: bool,  # noqa: ARG002, FBT001 - Django's signature
    ) -> None:
        """Have the verb do it."""
        if isinstance(form, VerbForm):
            obj.pk = form.act(doing(request, form.cleaned_data["reason"])).pk
            setattr(obj, ONCE, form.secret)

    def response_add(
        self, request: HttpRequest, obj: Row, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Where it leads; first to what is shown once."""
        if secret := getattr(obj, ONCE, ""):
            return show_once(request, str(obj), secret)
        return super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Row) -> HttpResponse:
        """Where it leads; first to what is shown once."""
        if secret := getattr(obj, ONCE, ""):
            return show_once(request, str(obj), secret)
        return super().response_change(request, obj)

    def save_related(self, *_: object) -> None:
        """The verb did that too."""

    def log_addition(self, *_: object) -> None:  # type: ignore[override]  # nobody uses its row
        """The trail is the log."""

    def log_change(self, *_: object) -> None:  # type: ignore[override]  # nobody uses its row
        """The trail is the log."""


class UncountedPaginator(Paginator[Row]):
    """Pages of a table that is too big to count: it offers a fixed number of them."""

    @cached_property
    def count(self) -> int:
        """Enough for `MOST_PAGES` pages, whatever there is."""
        return MOST_PAGES * self.per_page
