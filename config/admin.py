"""The back office of the site itself: its staff and their roles."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldBooleanSwitchWidget

from config import roles
from reports import staff
from reports.back_office import ReadOnlyAdmin, RefusedActError, VerbAdmin, VerbForm
from reports.trail import Doing

# The libraries' own lists of devices show their secrets.
admin.site.unregister([User, Group, StaticDevice, TOTPDevice])


class StaffForm(VerbForm[User]):
    """One of the staff: their roles, and help when they can't come in."""

    roles = forms.ModelMultipleChoiceField(
        label=_("Roles"),
        queryset=Group.objects.filter(name__in=roles.ACTS),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    may_come_in = forms.BooleanField(
        label=_("May come in"), required=False, initial=True, widget=UnfoldBooleanSwitchWidget
    )
    new_password = forms.BooleanField(
        label=_("Make a new password, shown once"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("It ends their sessions."),
    )
    no_device = forms.BooleanField(
        label=_("Forget their second factor"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=_("Their next login links a new device. Be sure who asks you for this."),
    )
    no_lock = forms.BooleanField(
        label=_("Open the lock after failed logins"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
    )

    class Meta:
        model = User
        fields: ClassVar = ["username"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["roles"] = list(self.instance.groups.values_list("pk", flat=True))
            self.initial["may_come_in"] = self.instance.is_active

    def act(self, doing: Doing) -> User:
        """Do what was chosen."""
        chosen = self.cleaned_data
        names = tuple(sorted(group.name for group in chosen["roles"]))
        if not self.instance.pk:
            user, self.secret = staff.add(chosen["username"], names, doing)
            return user
        key = self.instance.pk
        try:
            staff.set_standing(key, staff.Standing(names, chosen["may_come_in"]), doing)
        except staff.LastAdministratorError as error:
            message = "They are the last administrator: nobody could let others in."
            raise RefusedActError(message) from error
        if chosen["no_device"]:
            staff.forget_second_factor(key, doing)
        if chosen["no_lock"]:
            staff.open_lock(key, doing)
        if chosen["new_password"]:
            self.secret = staff.replace_password(key, doing)
        return self.instance


@admin.register(User)
class StaffAdmin(VerbAdmin[User]):
    """Who may come in."""

    adds = "auth.add_user"
    changes = "auth.change_user"
    form = StaffForm
    list_display = ["username", "roles", "is_active", "has_device", "last_login"]
    list_filter = ["is_active", "groups"]
    search_fields = ["username"]
    _new: ClassVar = ("username", "roles", "reason")
    _old: ClassVar = (
        "username",
        "roles",
        "may_come_in",
        "new_password",
        "no_device",
        "no_lock",
        "reason",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """With their roles and whether they linked a device."""
        linked = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        rows = super().get_queryset(request).prefetch_related("groups")
        return rows.annotate(linked=Exists(linked))

    def get_fields(self, _request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Less for somebody new."""
        return self._new if obj is None else self._old

    def get_readonly_fields(self, _request: HttpRequest, obj: User | None = None) -> list[str]:
        """A name stays: the trail shows it."""
        return ["username"] if obj else []

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        """By name."""
        return ", ".join(sorted(group.name for group in user.groups.all()))

    @admin.display(boolean=True, description=_("second factor"))
    def has_device(self, user: User) -> bool:
        """Whether they linked a device."""
        return bool(user.linked)  # type: ignore[attr-defined]  # annotated above


@admin.register(Group)
class RoleAdmin(ReadOnlyAdmin[Group]):
    """What staff may do."""

    list_display = ["name"]
