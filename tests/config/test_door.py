"""The staff's door: locks, the second factor, and no address kept anywhere."""

import time
from io import StringIO

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django.fixtures import Settings

from config import roles

pytestmark = pytest.mark.django_db
LOGIN, SECOND = "/admin/login/?next=/admin/", "/admin/second-factor/"
PASSWORD = "a password for maria"


@pytest.fixture
def maria() -> User:
    """One of the staff."""
    return User.objects.create_superuser("maria", password=PASSWORD)


def enter(client: Client, password: str = PASSWORD, *, address: str = "192.0.2.7") -> int:
    """Give a password from an address; what the answer's status is."""
    form = {"username": "maria", "password": password}
    return client.post(LOGIN, form, REMOTE_ADDR=address).status_code


def code_of(device: TOTPDevice) -> str:
    """What the device shows now."""
    totp = TOTP(device.bin_key)
    totp.time = time.time()
    return f"{totp.token():06}"


def test_five_wrong_passwords_lock_the_name_for_that_network_alone(maria: User) -> None:
    client = Client()
    statuses = [enter(client, "wrong") for _ in range(5)]
    assert statuses == [200, 200, 200, 200, 429]
    locked = client.post(
        LOGIN, {"username": "maria", "password": PASSWORD}, REMOTE_ADDR="192.0.2.99"
    )
    assert locked.status_code == 429
    assert "15 minutes" in locked.content.decode()
    assert enter(Client(), address="198.51.100.1") == 302


def test_no_address_is_kept_of_a_failed_login(maria: User) -> None:
    enter(Client(), "wrong")
    row = AccessAttempt.objects.values().get()
    assert row["ip_address"].startswith("fd")
    assert "192.0.2" not in str(row)
    assert "wrong" not in str(row)


def test_a_password_alone_opens_where_no_second_factor_is_required(maria: User) -> None:
    client = Client()
    assert enter(client) == 302
    assert client.get("/admin/").status_code == 200


def test_staff_link_a_device_and_come_in(maria: User, settings: Settings) -> None:
    settings.STAFF_TWO_FACTOR = True
    client = Client()
    enter(client)
    asked = client.get("/admin/", follow=True)
    assert asked.redirect_chain[-1][0].startswith(SECOND)
    assert "data:image/svg+xml" in asked.content.decode()
    assert client.get("/admin/reports/report/").status_code == 302
    device = TOTPDevice.objects.get()
    assert client.post(SECOND, {"code": "000000x"}).status_code == 422
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)
    linked = client.post(SECOND, {"code": code_of(device), "next": "https://evil.example/"})
    assert linked.content.decode().count("<li>") == 10
    assert "evil" not in linked.content.decode()
    assert client.get("/admin/").status_code == 200


def test_the_next_login_asks_for_a_code_and_a_spare_one_works_once(
    maria: User, settings: Settings
) -> None:
    settings.STAFF_TWO_FACTOR = True
    first = Client()
    enter(first)
    first.get(SECOND)
    linked = first.post(SECOND, {"code": code_of(TOTPDevice.objects.get())}).content.decode()
    spare = linked.partition("<li>")[2].partition("</li>")[0]
    second = Client()
    enter(second)
    assert "data:image/svg+xml" not in second.get(SECOND).content.decode()
    assert second.post(SECOND, {"code": spare, "next": "/admin/"}).status_code == 302
    assert second.get("/admin/").status_code == 200
    third = Client()
    enter(third)
    assert third.post(SECOND, {"code": spare}).status_code == 422
    assert third.get("/admin/").status_code == 302


def test_strangers_are_sent_to_the_door() -> None:
    assert Client().get(SECOND).headers["Location"] == "/admin/login/"


def test_who_turns_back_is_logged_out(maria: User, settings: Settings) -> None:
    settings.STAFF_TWO_FACTOR = True
    client = Client()
    enter(client)
    client.post(SECOND, {"leave": "yes"})
    assert "_auth_user_id" not in client.session


def test_the_first_administrator_is_made_by_a_command_and_let_in_again() -> None:
    out = StringIO()
    call_command("make_administrator", "maria", stdout=out)
    person = User.objects.get()
    assert person.check_password(out.getvalue().strip())
    assert [group.name for group in person.groups.all()] == [roles.ADMINISTRATOR]
    assert not person.is_superuser
    TOTPDevice.objects.create(user=person, confirmed=True)
    for _ in range(5):
        enter(Client(), "wrong")
    with pytest.raises(CommandError, match="--again"):
        call_command("make_administrator", "maria")
    again = StringIO()
    call_command("make_administrator", "maria", "--again", stdout=again)
    assert enter(Client(), again.getvalue().strip()) == 302
    assert not TOTPDevice.objects.exists()


def test_public_pages_never_see_the_staffs_cookies(maria: User) -> None:
    client = Client()
    enter(client)
    assert client.cookies["sessionid"]["path"] == "/admin/"
    assert client.cookies["sessionid"]["httponly"]
