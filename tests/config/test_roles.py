"""The roles have exactly the rights of their table; `test_role_walk` goes through the pages."""

import pytest
from django.contrib.auth.models import Group, Permission

from config import roles

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rights(db: None) -> None:
    """The roles have their rights, as after a start."""
    roles.give()


def test_a_role_has_exactly_its_rights_again_after_a_start() -> None:
    group = Group.objects.get(name=roles.MODERATOR)
    group.permissions.set([Permission.objects.get(codename="delete_user")])
    roles.give()
    names = set(group.permissions.values_list("codename", flat=True))
    assert "delete_user" not in names
    assert {"view_report", "change_report", "change_outage"} <= names
    assert "view_dailykey" not in names


def test_a_role_with_an_unknown_right_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(roles.ACTS, roles.MODERATOR, ("reports.fly",))
    with pytest.raises(roles.UnknownPermissionError, match=r"reports\.fly"):
        roles.give()
