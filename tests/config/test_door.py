"""The door of the back office: roles, the second factor, the lock after failures."""

import io
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from config import roles

PASSWORD = "long enough for anybody"
DOOR, FACTOR, OFFICE = "/admin/login/", "/admin/second-factor/", "/admin/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    """A moderator with a password and no device."""
    roles.give()
    made = User.objects.create_user("alice", password=PASSWORD, is_staff=True)
    made.groups.add(Group.objects.get(name=roles.MODERATOR))
    return made


@pytest.fixture
def _strict() -> object:
    """A site that asks for the second factor."""
    with override_settings(STAFF_TWO_FACTOR=True):
        yield


def give_password(client: Client, name: str = "alice", password: str = PASSWORD) -> int:
    """Send the form of the door; the status of its answer."""
    return client.post(DOOR, {"username": name, "password": password}).status_code


def code_of(device: TOTPDevice, now: datetime) -> str:
    """What a device shows at an instant."""
    clock = time_machine.travel(now, tick=False)
    with clock:
        shown = totp(device.bin_key, device.step, device.t0, device.digits)
    return f"{shown:06d}"


def linked(client: Client, now: datetime) -> TOTPDevice:
    """The device of whoever gave their password, linked."""
    client.get(FACTOR)
    device = TOTPDevice.objects.get()
    answer = client.post(FACTOR, {"code": code_of(device, now)})
    assert b"<code>" in answer.content or answer.status_code == 200
    return device


@pytest.mark.usefixtures("_strict", "alice")
def test_password_alone_opens_nothing(client: Client) -> None:
    give_password(client)
    assert client.get(OFFICE).status_code == 302
    assert client.get("/admin/reports/report/").status_code == 302
    assert client.get(FACTOR).status_code == 200


@pytest.mark.usefixtures("_strict", "alice")
def test_linked_device_opens_the_office_and_gives_spare_codes(client: Client) -> None:
    now = datetime.now(UTC)
    with time_machine.travel(now, tick=False):
        give_password(client)
        linked(client, now)
        assert client.get(OFFICE).status_code == 200
    assert StaticToken.objects.count() == 10


@pytest.mark.usefixtures("_strict", "alice")
def test_code_is_good_once_and_a_wrong_one_never(client: Client) -> None:
    now = datetime.now(UTC)
    with time_machine.travel(now, tick=False):
        give_password(client)
        device = linked(client, now)
    later = now + timedelta(minutes=5)
    with time_machine.travel(later, tick=False):
        other, third = Client(), Client()
        give_password(other)
        assert other.post(FACTOR, {"code": "000000"}).status_code == 422
        assert other.get(OFFICE).status_code == 302
    much_later = later + timedelta(minutes=5)
    with time_machine.travel(much_later, tick=False):
        code = code_of(device, much_later)
        assert other.post(FACTOR, {"code": code}).status_code == 302
        assert other.get(OFFICE).status_code == 200
        give_password(third)
        assert third.post(FACTOR, {"code": code}).status_code == 422


@pytest.mark.usefixtures("_strict", "alice")
def test_spare_code_is_good_once(client: Client) -> None:
    now = datetime.now(UTC)
    with time_machine.travel(now, tick=False):
        give_password(client)
        linked(client, now)
        spare = StaticToken.objects.values_list("token", flat=True)[0]
        other, third = Client(), Client()
        give_password(other)
        assert other.post(FACTOR, {"code": spare}).status_code == 302
        assert other.get(OFFICE).status_code == 200
        give_password(third)
        assert third.post(FACTOR, {"code": spare}).status_code == 422


@pytest.mark.usefixtures("_strict")
def test_second_factor_is_only_for_staff_who_gave_their_password(client: Client) -> None:
    assert client.get(FACTOR).headers["Location"] == DOOR
    User.objects.create_user("bob", password=PASSWORD)
    client.force_login(User.objects.get(username="bob"))
    assert client.get(FACTOR).headers["Location"] == DOOR
    assert not TOTPDevice.objects.exists()


@pytest.mark.usefixtures("_strict", "alice")
def test_door_leads_to_no_other_site(client: Client) -> None:
    now = datetime.now(UTC)
    with time_machine.travel(now, tick=False):
        give_password(client)
        linked(client, now)
        away = client.get(FACTOR, {"next": "https://elsewhere.example/"})
    assert away.headers["Location"] == OFFICE


@pytest.mark.usefixtures("alice")
def test_fifth_failure_locks_the_name_for_that_network_alone(client: Client) -> None:
    for _ in range(settings.AXES_FAILURE_LIMIT):
        give_password(client, password="wrong")
    locked = client.post(DOOR, {"username": "alice", "password": PASSWORD})
    assert locked.status_code == 429
    assert int(locked.headers["Retry-After"]) > 0
    elsewhere = Client(headers={"x-forwarded-for": "198.51.100.7"})
    assert give_password(elsewhere) == 302


@pytest.mark.usefixtures("alice")
def test_no_address_is_kept_of_who_failed() -> None:
    sender = Client(headers={"x-forwarded-for": "203.0.113.77"})
    give_password(sender, password="wrong")
    kept = AccessAttempt.objects.values().get()
    assert "203.0.113" not in str(kept)
    assert str(kept["ip_address"]).startswith("fd")


def test_roles_have_exactly_their_rights() -> None:
    roles.give()
    held = {
        group.name: {
            f"{one.content_type.app_label}.{one.codename}" for one in group.permissions.all()
        }
        for group in Group.objects.all()
    }
    assert held[roles.MODERATOR] < held[roles.OPERATOR] < held[roles.ADMINISTRATOR]
    assert "reports.change_report" in held[roles.MODERATOR]
    assert not {"auth.change_user", "reports.view_apikey"} & held[roles.OPERATOR]
    assert not any("dailykey" in name or ".delete_" in name for name in held[roles.ADMINISTRATOR])


def test_giving_roles_takes_rights_that_were_added_by_hand() -> None:
    roles.give()
    moderator = Group.objects.get(name=roles.MODERATOR)
    before = set(moderator.permissions.values_list("pk", flat=True))
    administrator = Group.objects.get(name=roles.ADMINISTRATOR)
    moderator.permissions.set(administrator.permissions.all())
    roles.give()
    assert set(moderator.permissions.values_list("pk", flat=True)) == before


def test_first_administrator_is_made_by_a_command(client: Client) -> None:
    out = io.StringIO()
    call_command("make_administrator", "carol", stdout=out)
    assert give_password(client, "carol", out.getvalue().strip()) == 302
    assert client.get("/admin/auth/user/").status_code == 200
    with pytest.raises(CommandError, match="already"):
        call_command("make_administrator", "carol")
    with pytest.raises(CommandError, match="no dave"):
        call_command("make_administrator", "dave", again=True)


def test_administrator_without_device_or_password_gets_in_again(client: Client) -> None:
    call_command("make_administrator", "carol", stdout=io.StringIO())
    carol = User.objects.get(username="carol")
    TOTPDevice.objects.create(user=carol, name="lost")
    out = io.StringIO()
    call_command("make_administrator", "carol", again=True, stdout=out)
    assert not TOTPDevice.objects.exists()
    assert give_password(client, "carol", out.getvalue().strip()) == 302
