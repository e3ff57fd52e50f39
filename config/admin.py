"""The back office of the site itself: its staff and their roles."""

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from reports.back_office import ReadOnlyAdmin

# The libraries' own lists of devices show their secrets.
admin.site.unregister([User, Group, StaticDevice, TOTPDevice])


@admin.register(User)
class StaffAdmin(ReadOnlyAdmin[User]):
    """Who may come in."""

    list_display = ["username", "is_active", "last_login"]
    search_fields = ["username"]


@admin.register(Group)
class RoleAdmin(ReadOnlyAdmin[Group]):
    """What staff may do."""

    list_display = ["name"]
