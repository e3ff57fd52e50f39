"""What each role of the staff may do, as groups of Django's permissions.

A migration makes the groups; `prepare` gives them exactly these rights at every start, so that a
role reaches new tables without another migration. Rights that somebody gave by hand go.
"""

from collections.abc import Iterable

from django.contrib.auth.models import Group, Permission
from django.db import transaction

MODERATOR, OPERATOR, ADMINISTRATOR = "Moderator", "Operator", "Administrator"

ROOMS = ("reports", "aggregator")
# Nobody looks at hashing keys; who holds API keys is for administrators.
UNSEEN = {"reports.view_dailykey", "reports.view_apikey"}

_MODERATES = (
    "reports.change_report",
    "reports.change_servicesuggestion",
    "aggregator.add_declaration",
    "aggregator.add_outage",
    "aggregator.change_declaration",
    "aggregator.change_outage",
)
_OPERATES = (
    "aggregator.change_alert",
    "aggregator.change_subscription",
    "reports.add_category",
    "reports.add_service",
    "reports.change_category",
    "reports.change_service",
)
_ADMINISTERS = (
    "auth.add_user",
    "auth.change_user",
    "auth.view_group",
    "auth.view_user",
    "reports.add_apikey",
    "reports.change_apikey",
    "reports.change_sitesetting",
    "reports.delete_report",
    "reports.view_apikey",
)
ACTS: dict[str, tuple[str, ...]] = {
    MODERATOR: _MODERATES,
    OPERATOR: (*_MODERATES, *_OPERATES),
    ADMINISTRATOR: (*_MODERATES, *_OPERATES, *_ADMINISTERS),
}


class UnknownPermissionError(LookupError):
    """A right that no table has."""


def give() -> None:
    """Make the groups and give each exactly its rights. Safe to repeat. Opens a transaction.

    Raises:
        UnknownPermissionError: when a role names a right that there is not.
    """
    known = {
        f"{app}.{codename}": key
        for key, app, codename in Permission.objects.values_list(
            "pk", "content_type__app_label", "codename"
        )
    }
    seen = [name for name in known if _is_seen(name)]
    with transaction.atomic():
        for role, acts in ACTS.items():
            group, _made = Group.objects.get_or_create(name=role)
            group.permissions.set(_keys(known, {*seen, *acts}))


def _is_seen(name: str) -> bool:
    room, _dot, codename = name.partition(".")
    return room in ROOMS and codename.startswith("view_") and name not in UNSEEN


def _keys(known: dict[str, int], names: Iterable[str]) -> list[int]:
    missing = sorted(name for name in names if name not in known)
    if missing:
        raise UnknownPermissionError(", ".join(missing))
    return [known[name] for name in names]
