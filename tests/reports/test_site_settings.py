"""What the staff set while the site runs: typed, in the trail, undone, over the environment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import IntegrityError, OperationalError
from django.test import Client

from reports import intake, partitions, retention, site_settings, undoing
from reports.copies import Copy
from reports.intake import Statement
from reports.models import Report, SiteSetting
from reports.models.moderation import Act
from reports.models.report import Channel
from reports.site_settings import BadSettingError
from reports.trail import Doing, NotUndoableError
from reports.writing import TABLE

pytestmark = pytest.mark.usefixtures("settable_site")
NOW = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)
DOING = Doing(None, "a test", NOW)


@pytest.mark.django_db
def test_a_setting_lies_over_the_environment_until_it_is_given_back() -> None:
    act = site_settings.change({"name": " Störung ", "dedupe_window_minutes": 30}, DOING)
    assert act is not None
    assert (act.act, act.subject) == (Act.SET, "name, dedupe window minutes")
    now = site_settings.current()
    assert (now.name, now.dedupe_window_minutes) == ("Störung", 30)
    site_settings.change({"name": None}, DOING)
    assert site_settings.current().name == settings.ENV.site_name
    assert site_settings.change({"dedupe_window_minutes": 30}, DOING) is None


@pytest.mark.django_db
def test_undone_a_setting_is_what_it_was_unless_it_was_changed_again() -> None:
    first = site_settings.change({"name": "One"}, DOING)
    second = site_settings.change({"name": "Two"}, DOING)
    assert first is not None
    assert second is not None
    with pytest.raises(NotUndoableError):
        undoing.undo(first, DOING)
    undoing.undo(second, DOING)
    assert site_settings.current().name == "One"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", ""),
        ("name", "x" * 61),
        ("languages", ["tlh"]),
        ("countries", ["ZZ"]),
        ("dedupe_window_minutes", 0),
        ("dedupe_window_minutes", True),
        ("report_retention_days", "30"),
        ("logo", "no such"),
        ("secret_key", "x"),
    ],
)
def test_a_value_that_a_setting_cannot_have_is_refused(key: str, value: object) -> None:
    with pytest.raises(BadSettingError):
        site_settings.change({key: value}, DOING)
    assert not SiteSetting.objects.exists()


@pytest.mark.django_db
def test_the_database_knows_the_keys_too() -> None:
    with pytest.raises(IntegrityError):
        SiteSetting.objects.create(key="secret_key", value="x")


@pytest.mark.django_db
def test_pages_speak_the_chosen_languages_and_english(client: Client) -> None:
    site_settings.change({"languages": ["de"], "name": "Störung"}, DOING)
    assert client.get("/de/").status_code == 200
    assert client.get("/fr/").status_code == 404
    page = client.get("/", headers={"accept-language": "fr"})
    assert b'lang="en"' in page.content
    assert "Störung" in page.content.decode()


def test_without_a_database_the_environment_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost() -> dict[str, object]:
        raise OperationalError

    monkeypatch.setattr(site_settings, "_rows", Copy(lost, "nothing"))
    assert site_settings.current() == site_settings.defaults()


@pytest.mark.usefixtures("committed")
def test_a_new_dedupe_window_judges_what_comes_and_leaves_counts_true() -> None:
    def report(minute: int) -> bool:
        meta = {"REMOTE_ADDR": "192.0.2.1"}
        at = NOW + timedelta(minutes=minute)
        return intake.receive(Statement("claude"), meta, channel=Channel.WEB, now=at).is_repeat

    assert [report(0), report(20)] == [False, True]
    site_settings.change({"dedupe_window_minutes": 10}, DOING)
    assert [report(21), report(25)] == [False, True]
    site_settings.change({"dedupe_window_minutes": 120}, DOING)
    assert report(90)
    stored = Report.objects.filter(received_at__lt=NOW + timedelta(hours=2))
    assert stored.count() == 2
    said = StringIO()
    call_command("recount", stdout=said)
    call_command("recount", "--check", stdout=said)


@pytest.mark.django_db
def test_retention_follows_the_setting_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    # A copy that is old must not drop what was just given more time.
    monkeypatch.setattr(site_settings, "_rows", Copy(dict, "an old copy"))
    today = datetime.now(UTC)
    site_settings.change({"report_retention_days": 5}, DOING)
    # Older ones were dropped by then.
    partitions.ensure(TABLE, (today - timedelta(days=7)).date(), today.date())
    retention.retire(today)
    assert partitions.days(TABLE)[0] == (today - timedelta(days=5)).date()


@pytest.mark.django_db
def test_the_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ENV", replace(settings.ENV, site_name="Elsewhere"))
    assert site_settings.current().name == "Elsewhere"
