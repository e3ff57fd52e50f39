"""The back office shows what another sensitivity would do before it is saved."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from aggregator import effects, sensitivities
from aggregator.models import ReplayedEffect, SensitivityChange
from reports.models import ModerationEntry
from reports.trail import Doing
from tests.factories import make_outage, service

pytestmark = pytest.mark.django_db

LIST = "/admin/aggregator/tunedservice/"
RESULT = {
    "since": "2026-02-16T14:00:00Z",
    "until": "2026-03-18T14:00:00Z",
    "present": {"outages": 2, "confirmed": 1, "minutes": 150},
    "proposed": {"outages": 1, "confirmed": 1, "minutes": 40},
    "gone": [
        {
            "service": "claude",
            "region": "US",
            "regions": ["US"],
            "started_at": "2026-03-01T14:00:00Z",
            "detected_at": "2026-03-01T14:03:00Z",
            "confirmed_at": None,
            "ended_at": "2026-03-01T15:50:00Z",
            "peak_count": 41,
            "expected_at_peak": 6.25,
            "cause": None,
        }
    ],
    "new": [],
}


@pytest.fixture
def page() -> str:
    """The page of one Service."""
    return f"{LIST}{service('claude').pk}/change/"


@pytest.fixture
def viewer() -> Client:
    """Somebody who may look, and nothing else."""
    user = User.objects.create_user("vera", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client = Client()
    client.force_login(user)
    return client


def tried(office: Client, page: str, step: str = "low") -> str:
    """The address after a step was tried and replayed."""
    answer = office.post(page, {"step": step, "try": "1"})
    ReplayedEffect.objects.update(result=RESULT, percent=100)
    return str(answer.headers["Location"]).partition("#")[0]


def test_a_step_is_tried_in_the_background(admin_client: Client, page: str) -> None:
    answer = admin_client.post(page, {"step": "high", "try": "1"}, follow=True)
    text = answer.content.decode()
    assert 'aria-valuenow="0"' in text
    assert 'hx-trigger="every 2s"' in text
    asked = ReplayedEffect.objects.get()
    assert (asked.value, asked.service.slug) == ("high", "claude")
    assert 'name="save"' not in text
    assert not SensitivityChange.objects.exists()


def test_the_effect_names_the_outages_that_would_be_gone(admin_client: Client, page: str) -> None:
    text = admin_client.get(tried(admin_client, page)).content.decode()
    for words in ("No longer raised", "2026-03-01 14:00", "2 h 30 min", "40 min", "6.2"):
        assert words in text
    assert "Raised in addition" not in text


def test_what_was_tried_is_saved_with_a_reason(admin_client: Client, page: str) -> None:
    there = tried(admin_client, page)
    again = admin_client.post(there, {"save": "1", "reason": " "})
    assert again.status_code == 200
    assert not SensitivityChange.objects.exists()
    done = admin_client.post(there, {"save": "1", "reason": "Match nights."}, follow=True)
    assert "From now on. Claude: as the site → low" in done.content.decode()
    assert sensitivities.held(service("claude")).own == "low"
    assert ModerationEntry.objects.get().reason == "Match nights."
    admin_client.post(there, {"save": "1", "reason": "again"})
    assert SensitivityChange.objects.count() == 1


def test_nothing_is_saved_that_was_not_shown(admin_client: Client, page: str) -> None:
    admin_client.post(page, {"save": "1", "reason": "blind", "step": "low"})
    asked = effects.ask(service("claude"), "low", Doing(None, "", datetime.now(UTC)))
    admin_client.post(f"{page}?effect={asked.pk}", {"save": "1", "reason": "too early"})
    other = f"{LIST}{service('github').pk}/change/?effect={asked.pk}"
    ReplayedEffect.objects.update(result=RESULT)
    admin_client.post(other, {"save": "1", "reason": "another service's"})
    assert not SensitivityChange.objects.exists()


@pytest.mark.parametrize("form", [{"step": "loud", "try": "1"}, {"try": "1"}])
def test_an_unknown_step_is_refused(admin_client: Client, page: str, form: dict[str, str]) -> None:
    assert admin_client.post(page, form).status_code == 200
    assert not ReplayedEffect.objects.exists()


def test_who_may_only_look_changes_nothing(viewer: Client, admin_client: Client, page: str) -> None:
    there = tried(admin_client, page)
    text = viewer.get(there).content.decode()
    assert "No longer raised" in text
    assert "<form method" not in text.partition('id="effect"')[2]
    viewer.post(there, {"save": "1", "reason": "mine"})
    viewer.post(page, {"step": "high", "try": "1"})
    assert not SensitivityChange.objects.exists()
    assert ReplayedEffect.objects.count() == 1


@pytest.mark.parametrize("wrong", ["x", "9" * 40, "0"])
def test_odd_addresses_show_the_plain_page(admin_client: Client, page: str, wrong: str) -> None:
    assert 'id="effect"' not in admin_client.get(f"{page}?effect={wrong}").content.decode()


def test_a_service_that_there_is_not_is_not_found(admin_client: Client) -> None:
    assert admin_client.get(f"{LIST}999999/change/").status_code == 404
    assert admin_client.get(reverse("admin:aggregator_tunedservice_add")).status_code == 403


def test_the_list_names_each_step_and_costs_as_much_for_many(admin_client: Client) -> None:
    doing = Doing(None, "quiet", datetime.now(UTC))
    sensitivities.change(service("claude"), "low", doing)
    make_outage("claude", started_at=datetime.now(UTC))
    with CaptureQueriesContext(connection) as few:
        text = admin_client.get(LIST).content.decode()
    assert "low" in text
    for slug in ("github", "aws", "noise"):
        sensitivities.change(service(slug), "high", doing)
        make_outage(slug)
    with CaptureQueriesContext(connection) as many:
        admin_client.get(LIST)
    assert len(many) == len(few)
