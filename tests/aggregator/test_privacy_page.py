"""The pages of privacy: a sender reads their code, an administrator lets go of it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from config import roles
from reports import privacy
from reports.models import ModerationEntry, Report
from reports.models.moderation import Act
from tests.factories import make_report

pytestmark = pytest.mark.usefixtures("committed")
PAGE = "/admin/privacy/"


@pytest.fixture
def office(committed: None) -> Client:
    """An administrator's browser."""
    roles.give()
    user = User.objects.create_user("maria", is_staff=True)
    user.groups.add(Group.objects.get(name=roles.ADMINISTRATOR))
    client = Client()
    client.force_login(user)
    return client


def test_a_sender_reads_their_code_and_nobody_keeps_the_page(client: Client) -> None:
    page = client.get("/privacy/code/", REMOTE_ADDR="192.0.2.1")
    ((_day, code),) = privacy.codes({"REMOTE_ADDR": "192.0.2.1"}, datetime.now(UTC))
    assert code in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    assert code not in client.get("/privacy/code/", REMOTE_ADDR="192.0.2.2").content.decode()


def test_the_numbers_are_shown_before_anything_is_let_go(office: Client) -> None:
    report = make_report(at=datetime.now(UTC))
    code = bytes(report.fingerprint).hex()
    asked = {"code": code, "reason": "asked by letter"}
    shown = office.post(PAGE, asked).content.decode()
    assert "1 reports" in shown
    assert Report.objects.filter(fingerprint=report.fingerprint).exists()
    assert office.post(PAGE, {**asked, "sure": "on"}).status_code == 302
    assert not Report.objects.filter(fingerprint=report.fingerprint).exists()
    assert "Nothing is kept" in office.post(PAGE, asked).content.decode()
    assert ModerationEntry.objects.get().reason == "asked by letter"


def test_counts_are_taken_along_without_anybody_in_them(office: Client) -> None:
    today = datetime.now(UTC).date()
    span = {"first": today - timedelta(days=1), "last": today}
    answer = office.post(f"{PAGE}export/", {**span, "form": "csv", "why": "a study"})
    lines = b"".join(answer).decode().splitlines()
    assert lines == ["minute,service,region,problem_type,count,fewer_than"]
    assert ModerationEntry.objects.get().act == Act.EXPORT
    long = {"first": today - timedelta(days=400), "last": today, "form": "csv", "why": "x"}
    assert "Give a day" in office.post(f"{PAGE}export/", long).content.decode()
