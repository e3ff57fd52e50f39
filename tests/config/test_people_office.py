"""The pages of people: secrets are shown once, and each act is in the trail."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from config import roles
from reports import access
from reports.models import ApiKey, ModerationEntry
from reports.models.moderation import Act
from reports.staff import Standing
from reports.trail import Doing

pytestmark = pytest.mark.django_db
ADD_KEY, ADD_USER = "/admin/reports/apikey/add/", "/admin/auth/user/add/"


@pytest.fixture
def office(db: None) -> Client:
    """An administrator's browser."""
    roles.give()
    user = User.objects.create_user("maria", is_staff=True)
    user.groups.add(Group.objects.get(name=roles.ADMINISTRATOR))
    client = Client()
    client.force_login(user)
    return client


def secret(page: str) -> str:
    found = re.search(r'id="secret">([^<]+)<', page)
    assert found
    return found[1]


def test_a_key_is_shown_once_works_and_is_revoked(office: Client) -> None:
    form = {"name": "a newspaper", "scopes": ["report"], "per_minute": 60, "days": 30}
    made = office.post(ADD_KEY, {**form, "reason": "asked by mail"})
    assert "no-store" in made["Cache-Control"]
    key = secret(made.content.decode())
    holder = ApiKey.objects.get()
    assert access.holder_of(key, holder.created_at) == holder
    page = office.get(f"/admin/reports/apikey/{holder.pk}/change/").content.decode()
    assert key not in page
    assert key not in str(list(ModerationEntry.objects.values()))

    revoke = {"action": "revoke", "_selected_action": [holder.pk]}
    office.post("/admin/reports/apikey/", revoke)
    assert access.holder_of(key, holder.created_at) is None
    acts = list(ModerationEntry.objects.order_by("pk").values_list("act", "by__username"))
    assert acts == [(Act.MAKE_KEY, "maria"), (Act.REVOKE_KEY, "maria")]
    access.undo(ModerationEntry.objects.get(act=Act.REVOKE_KEY), _doing())
    assert access.holder_of(key, holder.created_at) == holder


def test_somebody_is_let_in_helped_and_kept_out(office: Client) -> None:
    moderator = Group.objects.get(name=roles.MODERATOR)
    made = office.post(ADD_USER, {"username": "vera", "roles": [moderator.pk], "reason": "new"})
    vera = User.objects.get(username="vera")
    assert vera.check_password(secret(made.content.decode()))
    TOTPDevice.objects.create(user=vera, name="phone", confirmed=True)

    change = f"/admin/auth/user/{vera.pk}/change/"
    form = {"roles": [moderator.pk], "may_come_in": "on", "reason": "lost their phone"}
    again = office.post(change, {**form, "new_password": "on", "no_device": "on", "no_lock": "on"})
    vera.refresh_from_db()
    assert vera.check_password(secret(again.content.decode()))
    assert not TOTPDevice.objects.filter(user=vera).exists()

    assert office.post(change, {"reason": "left"}).status_code == 302
    vera.refresh_from_db()
    assert Standing.of(vera) == Standing((), is_active=False)
    reasons = list(ModerationEntry.objects.values_list("reason", flat=True))
    assert reasons.count("lost their phone") == 3


def test_nobody_takes_the_last_administrators_role(office: Client) -> None:
    maria = User.objects.get(username="maria")
    answer = office.post(f"/admin/auth/user/{maria.pk}/change/", {"reason": "oops"}, follow=True)
    assert "last administrator" in answer.content.decode()
    assert maria.groups.exists()


def _doing() -> Doing:
    return Doing(None, "a test", ApiKey.objects.get().created_at)
