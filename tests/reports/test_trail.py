"""The trail: nobody edits or deletes it, and all of it can be taken along."""

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction
from django.test import Client

from reports import site_settings, trail, undoing
from reports.models import ModerationEntry
from reports.models.moderation import Act
from reports.trail import Doing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("settable_site")]
NOW = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)


def sql(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: ModerationEntry.objects.update(reason="nicer"),
        lambda: ModerationEntry.objects.all().delete(),
        lambda: sql("UPDATE reports_moderationentry SET by_id = NULL"),
        lambda: sql("DELETE FROM reports_moderationentry"),
        lambda: sql("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE reports_moderationentry CASCADE"),
    ],
    ids=["orm update", "orm delete", "update", "delete", "truncate"],
)
def test_the_database_refuses_to_change_the_trail(attempt: Callable[[], object]) -> None:
    trail.write(Act.SET, "name", Doing(None, "the truth", NOW))
    with pytest.raises(DatabaseError, match="kept as it was written"), transaction.atomic():
        attempt()
    assert ModerationEntry.objects.get().reason == "the truth"


def test_undoing_appends_and_changes_nothing() -> None:
    act = site_settings.change({"name": "One"}, Doing(None, "first", NOW))
    assert act is not None
    before = ModerationEntry.objects.values().get(pk=act.pk)
    undoing.undo(act, Doing(None, "second", NOW))
    assert ModerationEntry.objects.values().get(pk=act.pk) == before
    assert ModerationEntry.objects.get(undoes=act).reason == "second"


@pytest.fixture
def office() -> Client:
    """The browser of somebody who may all, with two acts of theirs."""
    maria = User.objects.create_superuser("maria")
    for number, reason in enumerate(["=HYPERLINK(0)", "a flood"]):
        at = NOW + timedelta(minutes=number)
        trail.write(Act.REJECT, f"claude {number}", Doing(maria, reason, at), reports=5)
    client = Client()
    client.force_login(maria)
    return client


def test_the_trail_is_taken_along_as_it_is_searched(office: Client) -> None:
    answer = office.get("/admin/reports/moderationentry/export.ndjson", {"q": "flood"})
    lines = b"".join(answer).decode().splitlines()
    (row,) = [json.loads(line) for line in lines]
    assert (row["by"], row["reason"], row["at"]) == ("maria", "a flood", "2026-03-18T12:01:00Z")

    answer = office.get("/admin/reports/moderationentry/export.csv")
    cells = list(csv.DictReader(b"".join(answer).decode().splitlines()))
    assert [one["reason"] for one in cells] == ["a flood", "'=HYPERLINK(0)"]


def test_an_act_is_undone_from_the_list(office: Client) -> None:
    maria = User.objects.get(username="maria")
    act = site_settings.change({"name": "One"}, Doing(maria, "x", NOW))
    assert act is not None
    chosen = {"action": "undo", "_selected_action": [act.pk]}
    office.post("/admin/reports/moderationentry/", chosen)
    assert site_settings.chosen() == {}
    page = office.get("/admin/reports/moderationentry/", {"q": "name"}).content.decode()
    assert "undone in the trail" in page
