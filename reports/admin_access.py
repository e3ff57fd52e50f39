"""API keys in the back office: made, shown once, revoked."""

from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
)

from reports import access
from reports.back_office import VerbAdmin, VerbForm, doing
from reports.models import ApiKey
from reports.models.access import Scope
from reports.trail import Doing

MOST_PER_MINUTE = 10_000


class KeyForm(VerbForm[ApiKey]):
    """Who gets a key, and what it opens."""

    name = forms.CharField(
        label=_("Who holds it"), max_length=100, widget=UnfoldAdminTextInputWidget
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it opens"),
        choices=Scope.choices,
        initial=[Scope.REPORT],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    per_minute = forms.IntegerField(
        label=_("Requests a minute"),
        min_value=1,
        max_value=MOST_PER_MINUTE,
        initial=access.PER_MINUTE,
        widget=UnfoldAdminIntegerFieldWidget,
    )
    days = forms.IntegerField(
        label=_("Ends after, days"),
        required=False,
        min_value=1,
        max_value=3650,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Empty: when it is revoked."),
    )

    class Meta:
        model = ApiKey
        fields: ClassVar = ["name"]

    def act(self, doing: Doing) -> ApiKey:
        """Make it."""
        entered = self.cleaned_data
        days = entered["days"]
        wish = access.Wanted(
            name=entered["name"],
            scopes=tuple(entered["scopes"]),
            per_minute=entered["per_minute"],
            expires_at=doing.now + timedelta(days=days) if days else None,
        )
        holder, self.secret = access.issue(wish, doing)
        return holder


@admin.register(ApiKey)
class ApiKeyAdmin(VerbAdmin[ApiKey]):
    """Who may send in bulk, or keep subscriptions by program."""

    adds = "reports.add_apikey"
    form = KeyForm
    list_display = [
        "name",
        "prefix",
        "scopes",
        "per_minute",
        "created_at",
        "last_used_at",
        "expires_at",
        "revoked_at",
    ]
    list_filter = ["revoked_at"]
    search_fields = ["name", "=prefix"]
    actions = ["revoke"]
    _made: ClassVar = ("name", "scopes", "per_minute", "days", "reason")

    def get_fields(self, _request: HttpRequest, obj: ApiKey | None = None) -> list[Any]:
        """The form for a new one; of one that is there, what is known of it."""
        return [*self._made] if obj is None else [*self.list_display]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Those who may change keys."""
        return request.user.has_perm("reports.change_apikey")

    @admin.action(description=_("Revoke"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """End the chosen ones now."""
        act = doing(request, "revoked in the list")
        ids = list(queryset.values_list("pk", flat=True))
        ended = sum(access.revoke_one(key, act) is not None for key in ids)
        self.message_user(request, f"{ended} keys revoked.", messages.SUCCESS)
