"""The page of the site's settings."""

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from config import roles
from reports import site_settings
from reports.models import ModerationEntry
from tests.reports.test_logos import picture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("settable_site")]
PAGE = "/admin/site/"


def browser(role: str) -> Client:
    roles.give()
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def test_an_administrator_names_the_site_and_gives_it_a_logo() -> None:
    office = browser(roles.ADMINISTRATOR)
    form = {"name": "Störung", "countries": "de, at", "languages": ["de", "en"], "reason": "ours"}
    upload = SimpleUploadedFile("x.png", picture().read())
    answer = office.post(PAGE, {**form, "picture": upload})
    assert answer.status_code == 302
    now = site_settings.current()
    assert (now.name, now.countries, now.languages) == ("Störung", ("AT", "DE"), ("en", "de"))
    public = Client().get("/").content.decode()
    assert f"/logos/{now.logo}.png" in public
    assert ModerationEntry.objects.get().reason == "ours"
    assert "set here" in office.get(PAGE).content.decode()


def test_a_wrong_value_is_told_beside_its_field() -> None:
    office = browser(roles.ADMINISTRATOR)
    answer = office.post(PAGE, {"dedupe_window_minutes": "0", "reason": "x"})
    assert "Give a number from 1 to 1440." in answer.content.decode()
    assert not ModerationEntry.objects.exists()


@pytest.mark.parametrize("role", [roles.MODERATOR, roles.OPERATOR])
def test_nobody_else_sees_it(role: str) -> None:
    assert browser(role).get(PAGE).status_code == 403
