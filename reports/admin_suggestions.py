"""Suggestions in the back office: decided by a form, one by one, or declined together."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminSelectWidget

from reports import catalogue_acts, suggestions
from reports.back_office import RefusedActError, VerbAdmin, VerbForm, doing
from reports.models import Service, ServiceSuggestion, SuggestionState
from reports.trail import Doing

CHANGES = "reports.change_servicesuggestion"
DRAFT, MEANS, DECLINE = "draft", "means", "decline"
DECISIONS = [
    (DRAFT, _("Make a hidden draft of it, to be finished and shown")),
    (MEANS, _("It means a service that is there")),
    (DECLINE, _("Decline it")),
]


class SuggestionForm(VerbForm[ServiceSuggestion]):
    """What to do with one."""

    decision = forms.ChoiceField(
        label=_("Decision"), choices=DECISIONS, widget=UnfoldAdminRadioSelectWidget
    )
    means = forms.ModelChoiceField(
        label=_("Which service"),
        queryset=Service.objects.all(),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    class Meta:
        model = ServiceSuggestion
        fields: ClassVar[list[str]] = []

    def clean(self) -> dict[str, object]:
        """The second decision needs a Service."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("decision") == MEANS and not cleaned.get("means"):
            self.add_error("means", _("Which one?"))
        return cleaned

    def act(self, doing: Doing) -> ServiceSuggestion:
        """Decide."""
        chosen = self.cleaned_data
        means = chosen["means"].pk if chosen["decision"] == MEANS else None
        try:
            if chosen["decision"] == DECLINE:
                suggestions.decline(self.instance.pk, doing)
            else:
                suggestions.accept(self.instance.pk, means, doing)
        except suggestions.DecidedError as error:
            raise RefusedActError(_("Somebody decided on this one before.")) from error
        except catalogue_acts.RefusedError as error:
            raise RefusedActError(str(error)) from error
        return self.instance


@admin.register(ServiceSuggestion)
class SuggestionAdmin(VerbAdmin[ServiceSuggestion]):
    """Services that people miss, the most wanted first."""

    changes = CHANGES
    form = SuggestionForm
    list_display = ["name", "asked", "homepage", "state", "first_at", "last_at", "service"]
    list_select_related = ["service"]
    list_filter = ["state"]
    search_fields = ["name", "key"]
    actions = ["decline"]
    _told: ClassVar = ("name", "homepage", "asked", "first_at", "last_at", "state", "service")
    readonly_fields = _told
    fieldsets = (
        (None, {"fields": _told}),
        (_("What to do"), {"fields": ("decision", "means", "reason")}),
    )

    def has_change_permission(
        self, request: HttpRequest, _row: ServiceSuggestion | None = None
    ) -> bool:
        """Those who may decide, while there is something to decide."""
        waits = _row is None or _row.state == SuggestionState.OPEN
        return waits and super().has_change_permission(request)

    def has_decide_permission(self, request: HttpRequest) -> bool:
        """Those who may decide."""
        return request.user.has_perm(CHANGES)

    def get_fieldsets(
        self, request: HttpRequest, obj: ServiceSuggestion | None = None
    ) -> tuple[Any, ...]:
        """The decision only where there is one."""
        return self.fieldsets[: 1 + self.has_change_permission(request, obj)]

    @admin.action(description=_("Decline"), permissions=["decide"])
    def decline(self, request: HttpRequest, queryset: QuerySet[ServiceSuggestion]) -> None:
        """Decline those among the chosen that wait."""
        act = doing(request, "declined together")
        ids = list(queryset.filter(state=SuggestionState.OPEN).values_list("pk", flat=True))
        for key in ids:
            suggestions.decline(key, act)
        self.message_user(request, f"{len(ids)} suggestions declined.", messages.SUCCESS)
