"""The back office moves Outages and declares things only by verbs, and says what they refused."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from aggregator.models import Declaration, Outage
from aggregator.models.outage import State
from config import roles
from reports.models import ModerationEntry
from tests import factories
from tests.factories import make_event, make_outage, service

pytestmark = pytest.mark.django_db
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def browser(db: None) -> Client:
    """A moderator's."""
    roles.give()
    vera = User.objects.create_user("vera", is_staff=True)
    vera.groups.set(Group.objects.filter(name=roles.MODERATOR))
    client = Client()
    client.force_login(vera)
    return client


def page_of(row: Outage | Declaration) -> str:
    return reverse(f"admin:aggregator_{row._meta.model_name}_change", args=[row.pk])


def decide(browser: Client, outage: Outage, decision: str, **more: object) -> str:
    """Decide by the form; the page that came of it."""
    form = {"decision": decision, "reason": "Seen it.", **more}
    response = browser.post(page_of(outage), form, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def split_time(name: str, at: datetime) -> dict[str, str]:
    return {f"{name}_0": f"{at:%Y-%m-%d}", f"{name}_1": f"{at:%H:%M:%S}"}


def test_each_act_is_done_by_its_button(browser: Client) -> None:
    outage = make_outage()
    decide(browser, outage, "confirm")
    decide(browser, outage, "annotate", note="Their **word**.")
    decide(browser, outage, "explain", explained_by=service("aws").pk)
    decide(browser, outage, "end")
    outage.refresh_from_db()
    assert (outage.state, outage.cause) == ("over", service("aws"))
    acts = ModerationEntry.objects.order_by("pk").values_list("act", "by__username")
    assert list(acts) == [(act, "vera") for act in ("confirm", "annotate", "explain", "end")]
    other = make_outage(state=State.OVER, started_at=factories.STARTED + timedelta(hours=9))
    decide(browser, outage, "join", other=other.pk)
    decide(browser, outage, "split", places="DE, US-CA")
    assert set(Outage.objects.values_list("region", flat=True)) == {""}
    decide(browser, outage, "retract", note="None at all.")
    outage.refresh_from_db()
    assert (outage.state, outage.notes.count()) == ("retracted", 2)


def test_page_shows_what_was_decided_and_why_and_undoes_it(browser: Client) -> None:
    outage = make_outage()
    make_event(outage)
    page = decide(browser, outage, "confirm")
    assert "vera confirmed an outage" in page
    assert "532" in page
    entry = ModerationEntry.objects.get()
    undone = browser.post(
        reverse("admin:queue-undo"), {"entry": entry.pk, "back": page_of(outage)}, follow=True
    )
    assert "(undone)" in undone.content.decode()
    outage.refresh_from_db()
    assert outage.state == "possible"


def test_what_is_missing_or_impossible_is_said(browser: Client) -> None:
    outage = make_outage(state=State.OVER, regions=["US", "DE"])
    assert "This is needed." in decide(browser, outage, "annotate")
    assert "XX is no place" in decide(browser, outage, "split", places="XX")
    assert "Choose some of its places, not all." in decide(
        browser, outage, "split", places="US, DE"
    )
    assert not ModerationEntry.objects.exists()
    assert "decision" in browser.get(page_of(outage)).content.decode()


def test_outage_is_opened_by_hand(browser: Client) -> None:
    form = {
        "service": service("aws").pk,
        "state": "confirmed",
        "places": "us-ca",
        "reason": "Their phone line.",
        **split_time("started_at", NOW - timedelta(hours=1)),
    }
    address = reverse("admin:aggregator_outage_add")
    assert browser.get(address).status_code == 200
    browser.post(address, form)
    outage = Outage.objects.get()
    assert (outage.region_id, outage.is_by_hand) == ("US-CA", True)
    again = browser.post(address, form, follow=True)
    assert "has an outage that is not over" in again.content.decode()


def test_declaration_is_made_and_ended_before_its_time(browser: Client) -> None:
    form = {
        "service": service("aws").pk,
        "kind": "hold",
        "note": "A match.",
        "reason": "Asked.",
        **split_time("starts_at", NOW),
        **split_time("ends_at", NOW + timedelta(hours=2)),
    }
    browser.post(reverse("admin:aggregator_declaration_add"), form)
    made = Declaration.objects.get()
    assert (made.kind, made.note, made.made_by) == ("hold", "A match.", User.objects.get())
    browser.post(page_of(made), {"reason": "Over."})
    made.refresh_from_db()
    assert made.lifted_at is not None
    assert "End it now" not in browser.get(page_of(made)).content.decode()
    backwards = {**form, **split_time("ends_at", NOW - timedelta(hours=2))}
    refused = browser.post(reverse("admin:aggregator_declaration_add"), backwards, follow=True)
    assert "It must end later" in refused.content.decode()


def test_list_costs_the_same_for_any_number(
    browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for hour in range(30):
        make_outage(state=State.OVER, started_at=factories.STARTED + timedelta(hours=hour))
    with django_assert_max_num_queries(12):
        assert browser.get(reverse("admin:aggregator_outage_changelist")).status_code == 200
