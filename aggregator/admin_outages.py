"""Outages and declarations in the back office: seen by all of the staff, moved by verbs."""

from typing import Any, ClassVar, TypeVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from aggregator.admin_outage_forms import (
    FIELDS_OF,
    DecisionForm,
    DeclarationForm,
    LiftingForm,
    OpeningForm,
)
from aggregator.models import Declaration, Outage
from reports.back_office import VerbAdmin

Row = TypeVar("Row", bound=Model)


class ActAdmin(VerbAdmin[Row]):
    """Pages whose form does one act: there is nothing to go on editing."""

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        *args: Any,  # noqa: ANN401 - Django's signature
        **kwargs: Any,  # noqa: ANN401 - the same
    ) -> HttpResponse:
        """With one button."""
        buttons = {"show_save_and_continue": False, "show_save_and_add_another": False}
        response: HttpResponse = super().render_change_form(
            request, {**context, **buttons}, *args, **kwargs
        )
        return response


@admin.register(Outage)
class OutageAdmin(ActAdmin[Outage]):
    """What was found and what people made of it; the newest first."""

    adds = "aggregator.add_outage"
    changes = "aggregator.change_outage"
    form = DecisionForm
    adds_by = OpeningForm
    list_display = ("service", "state", "where", "started_at", "ended_at", "peak_count", "cause")
    list_select_related = ("service", "region", "cause")
    list_filter = ("state",)
    search_fields = ("service__name", "service__slug")
    sortable_by = ()
    show_facets = admin.ShowFacets.NEVER
    conditional_fields = FIELDS_OF
    change_form_outer_after_template = "aggregator/outage_office.html"
    _told: ClassVar = (
        ("service", "state"),
        ("where", "cause"),
        ("started_at", "detected_at", "ended_at"),
        ("peak_count", "expected_at_peak"),
        "page",
    )
    readonly_fields = (
        *("service", "state", "where", "cause", "started_at", "detected_at", "ended_at"),
        *("peak_count", "expected_at_peak", "page"),
    )

    def get_queryset(self, _request: HttpRequest) -> QuerySet[Outage]:
        """Those that stand for themselves."""
        return Outage.objects.select_related("service", "region", "cause")

    def get_readonly_fields(self, _request: HttpRequest, obj: Outage | None = None) -> Any:  # noqa: ANN401 - Django's
        """What is told of one."""
        return self.readonly_fields if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Outage | None = None) -> Any:  # noqa: ANN401 - Django's
        """What is known of it, and for those who may, what to do."""
        if obj is None:
            fields = ("service", "state", "started_at", "places", "reason")
            return (("Open by hand", {"fields": fields}),)
        told = (None, {"fields": self._told})
        if not self.has_change_permission(request, obj):
            return (told,)
        return (told, ("Decide", {"fields": ("decision", *FIELDS_OF, "reason")}))

    def response_post_save_add(self, _request: HttpRequest, obj: Outage) -> HttpResponseRedirect:
        """To its own page: what was done can be seen there, and undone."""
        return HttpResponseRedirect(reverse("admin:aggregator_outage_change", args=[obj.pk]))

    def response_post_save_change(self, request: HttpRequest, obj: Outage) -> HttpResponseRedirect:
        """To its own page, too."""
        return self.response_post_save_add(request, obj)

    @admin.display(description="where")
    def where(self, outage: Outage) -> str:
        """Its scope."""
        return ", ".join(code for code in outage.regions if code) or "worldwide"

    @admin.display(description="page")
    def page(self, outage: Outage) -> SafeString:
        """Where everybody sees it."""
        return format_html(
            '<a class="underline" href="/outages/{}/">Look</a>',
            outage.pk,
        )


@admin.register(Declaration)
class DeclarationAdmin(ActAdmin[Declaration]):
    """Work, surges and silence that operators announced; each ends by itself."""

    adds = "aggregator.add_declaration"
    changes = "aggregator.change_declaration"
    form = LiftingForm
    adds_by = DeclarationForm
    list_display = ("service", "kind", "starts_at", "ends_at", "lifted_at", "made_by", "note")
    list_select_related = ("service", "made_by")
    list_filter = ("kind",)
    search_fields = ("service__name", "service__slug")
    readonly_fields = ("service", "kind", "starts_at", "ends_at", "lifted_at", "note", "made_by")

    def has_change_permission(self, request: HttpRequest, _row: Declaration | None = None) -> bool:
        """Those who may end one, while it goes on."""
        goes_on = _row is None or (_row.lifted_at is None and _row.ends_at > timezone.now())
        return goes_on and super().has_change_permission(request)

    def get_readonly_fields(self, _request: HttpRequest, obj: Declaration | None = None) -> Any:  # noqa: ANN401 - Django's
        """What is told of one."""
        return self.readonly_fields if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Declaration | None = None) -> Any:  # noqa: ANN401 - Django's
        """What was declared, and for those who may, to end it."""
        if obj is None:
            fields = ("service", "kind", "starts_at", "ends_at", "note", "reason")
            return (("Declare", {"fields": fields}),)
        told = (None, {"fields": self.readonly_fields})
        if not self.has_change_permission(request, obj):
            return (told,)
        return (told, ("End it now", {"fields": ("reason",)}))
