"""The back office of `reports`: what can be seen of what people said.

Regions come from files, Reports from intake, and moderation has its own verbs. The other
pages are in the modules imported here.
"""

from django.contrib import admin

from reports import (  # noqa: F401 - they register their pages
    admin_access,
    admin_catalogue,
    admin_suggestions,
    admin_trail,
)
from reports.back_office import ReadOnlyAdmin, UncountedPaginator
from reports.models import (
    Region,
    Report,
)


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin[Report]):
    """Single Reports, newest first; ids carry the time. The hashes stand for nobody by name."""

    list_display = ["received_at", "service", "region", "problem_type", "channel", "is_counted"]
    list_select_related = ["service", "region", "problem_type"]
    ordering = ["-id"]
    sortable_by = ()
    paginator = UncountedPaginator
    search_fields = ["=id"]
    search_help_text = "A report's id."

    @admin.display(boolean=True, description="counted")
    def is_counted(self, report: Report) -> bool:
        """Whether it was not rejected."""
        return report.rejected_at is None


@admin.register(Region)
class RegionAdmin(ReadOnlyAdmin[Region]):
    """The tree of places."""

    list_display = ["code", "name", "kind", "parent", "time_zone"]
    list_select_related = ["parent"]
    list_filter = ["kind"]
    search_fields = ["=code", "name"]
