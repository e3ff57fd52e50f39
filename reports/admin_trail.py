"""The trail in the back office: searched, filtered, exported, undone, never changed."""

import csv
import json
from collections.abc import Iterator
from typing import ClassVar

from django.contrib import admin, messages
from django.contrib.admin.filters import RelatedOnlyFieldListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import URLPattern, path

from reports import undoing
from reports.back_office import ReadOnlyAdmin, doing
from reports.desk.doings import may_undo
from reports.models import ModerationEntry
from reports.models.moderation import Act
from reports.trail import NotUndoableError, UndoneAlreadyError

CHUNK = 1_000
COLUMNS = ("id", "at", "act", "by", "subject", "reason", "reports", "undoes")
# A spreadsheet takes what begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Echo:
    """What csv writes into: gives each line back."""

    def write(self, line: str) -> str:
        """The line itself."""
        return line


@admin.register(ModerationEntry)
class ModerationEntryAdmin(ReadOnlyAdmin[ModerationEntry]):
    """The trail of moderation."""

    list_display = ["at", "act", "by", "subject", "reason", "reports", "is_undone"]
    list_select_related = ["by"]
    list_filter = ["act", ("by", RelatedOnlyFieldListFilter), "at"]
    search_fields = ["subject", "reason", "=by__username", "=id"]
    search_help_text = "Words of the subject or the reason, a name, a number."
    list_before_template = "admin/trail_links.html"
    actions = ["undo"]
    fields: ClassVar = [*COLUMNS, "before"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModerationEntry]:
        """With whether each was undone."""
        undone = ModerationEntry.objects.filter(undoes=OuterRef("pk"))
        return super().get_queryset(request).annotate(undone=Exists(undone))

    def get_urls(self) -> list[URLPattern]:
        """The list's, and its files."""
        files = [
            path(
                f"export.{form}",
                self.admin_site.admin_view(self.export),
                {"form": form},
                name=f"reports_trail_{form}",
            )
            for form in ("csv", "ndjson")
        ]
        return [*files, *super().get_urls()]

    @admin.display(boolean=True, description="undone")
    def is_undone(self, entry: ModerationEntry) -> bool:
        """Whether a later act undid it."""
        return bool(entry.undone)  # type: ignore[attr-defined]  # annotated above

    def has_undo_permission(self, request: HttpRequest) -> bool:
        """Those who may do anything that can be undone; each act asks for its own right."""
        return any(may_undo(request.user, ModerationEntry(act=act)) for act in Act.values)

    @admin.action(description="Undo", permissions=["undo"])
    def undo(self, request: HttpRequest, queryset: QuerySet[ModerationEntry]) -> None:
        """Undo the chosen acts, the latest first, each if they may and it can be."""
        act, undone, chosen = doing(request, "undone in the trail"), 0, list(queryset)
        for entry in chosen:
            if not may_undo(request.user, entry):
                continue
            try:
                undoing.undo(entry, act)
            except (NotUndoableError, UndoneAlreadyError):
                continue
            undone += 1
        level = messages.SUCCESS if undone == len(chosen) else messages.WARNING
        self.message_user(request, f"{undone} of {len(chosen)} acts undone.", level)

    def export(self, request: HttpRequest, form: str) -> StreamingHttpResponse | HttpResponse:
        """The entries that the list shows, all of its pages, as they are read.

        Raises:
            PermissionDenied: for those who may not see the trail.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_changelist_instance(request).get_queryset(request)
        rows = _rows(found.select_related("by"))
        lines, kind = (
            (_csv(rows), "text/csv; charset=utf-8")
            if form == "csv"
            else (_ndjson(rows), "application/x-ndjson")
        )
        response = StreamingHttpResponse(lines, content_type=kind)
        response.headers["Content-Disposition"] = f'attachment; filename="trail.{form}"'
        response.headers["Cache-Control"] = "no-store"
        return response


def _rows(found: QuerySet[ModerationEntry]) -> Iterator[dict[str, object]]:
    for one in found.iterator(chunk_size=CHUNK):
        yield {
            "id": one.pk,
            "at": one.at.isoformat().replace("+00:00", "Z"),
            "act": one.act,
            "by": one.by.get_username() if one.by else "",
            "subject": one.subject,
            "reason": one.reason,
            "reports": one.reports,
            "undoes": one.undoes_id,
        }


def _csv(rows: Iterator[dict[str, object]]) -> Iterator[str]:
    """Lines of CSV; a cell that looks like a formula gets an apostrophe before it."""
    writer = csv.writer(Echo())
    yield writer.writerow(COLUMNS)
    for row in rows:
        yield writer.writerow([_harmless(row[name]) for name in COLUMNS])


def _harmless(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value


def _ndjson(rows: Iterator[dict[str, object]]) -> Iterator[str]:
    for row in rows:
        yield json.dumps(row, ensure_ascii=False) + "\n"
