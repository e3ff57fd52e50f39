"""Each role sees and does what its table says, and nothing else, on every page there is."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.test import Client, RequestFactory
from django.urls import reverse

from config import roles
from reports.models import Report
from tests.factories import make_report

pytestmark = pytest.mark.django_db

# The lists that a role may not open, by app.model.
ACCESS = {"reports.apikey", "auth.user", "auth.group"}
HIDDEN = {
    roles.MODERATOR: ACCESS,
    roles.OPERATOR: ACCESS,
    roles.ADMINISTRATOR: set(),
    None: {model._meta.label_lower for model in admin.site._registry},
}
CATALOGUE = {"reports.category", "reports.service"}
# What may be added or changed by a form, by role; everything else is for acts alone.
FORMS: dict[str | None, set[str]] = {
    roles.MODERATOR: set(),
    roles.OPERATOR: CATALOGUE,
    roles.ADMINISTRATOR: CATALOGUE,
    None: set(),
}
LISTS = sorted(model._meta.label_lower for model in admin.site._registry)


@pytest.fixture(autouse=True)
def rights(db: None) -> None:
    """The roles have their rights, as after a start."""
    roles.give()


def staff(role: str | None) -> Client:
    """The browser of somebody with one role, or with none."""
    user = User.objects.create_user("vera", is_staff=True)
    if role:
        user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("role", HIDDEN, ids=str)
def test_every_list_opens_for_those_who_may_see_it(role: str | None) -> None:
    client = staff(role)
    make_report()
    for label in LISTS:
        url = reverse(f"admin:{label.replace('.', '_')}_changelist")
        expected = 403 if label in HIDDEN[role] else 200
        assert client.get(url).status_code == expected, label


@pytest.mark.parametrize("role", HIDDEN, ids=str)
def test_forms_are_for_those_whose_they_are(role: str | None) -> None:
    client = staff(role)
    for label in LISTS:
        url = reverse(f"admin:{label.replace('.', '_')}_add")
        expected = 200 if label in FORMS[role] else 403
        assert client.get(url).status_code == expected, label


@pytest.mark.parametrize("role", HIDDEN, ids=str)
def test_nobody_deletes(role: str | None) -> None:
    client = staff(role)
    report = make_report()
    for model, office in admin.site._registry.items():
        key = report.pk if model is Report else 1
        url = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_delete", args=[key])
        assert client.post(url, {"post": "yes"}).status_code in {302, 403, 404}, model
        request = RequestFactory().get("/admin/")
        request.user = User.objects.get(username="vera")
        assert "delete_selected" not in office.get_actions(request), model
    assert Report.objects.filter(pk=report.pk).exists()


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
