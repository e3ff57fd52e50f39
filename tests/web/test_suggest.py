"""The form by which somebody names a service that they miss."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from config import roles
from reports import turnstile
from reports.models import ModerationEntry, Service, ServiceSuggestion

pytestmark = pytest.mark.usefixtures("committed")
OWN = {"sec-fetch-site": "same-origin"}


def test_a_suggestion_is_thanked_for_and_stored(client: Client) -> None:
    form = {"name": "Tele 2", "homepage": "tele2.example"}
    response = client.post("/suggest/", form, headers=OWN)
    assert (response.status_code, response["Location"]) == (303, "/suggest/?thanks")
    found = ServiceSuggestion.objects.get()
    assert (found.name, found.homepage) == ("Tele 2", "https://tele2.example")
    assert "Thank you" in client.get("/suggest/?thanks").content.decode()
    assert not response.cookies


def test_programs_other_sites_and_odd_addresses_suggest_nothing(client: Client) -> None:
    good = {"name": "Tele 2"}
    trap = client.post("/suggest/", {**good, "surname": "Bot"}, headers=OWN)
    assert trap["Location"] == "/suggest/?thanks"
    cross = client.post("/suggest/", good, headers={"sec-fetch-site": "cross-site"})
    assert cross.status_code == 403
    odd = client.post("/suggest/", {**good, "homepage": "ftp://tele2.example"}, headers=OWN)
    assert odd.status_code == 422
    assert client.post("/suggest/", {"name": "?"}, headers=OWN).status_code == 422
    assert not ServiceSuggestion.objects.exists()


def test_what_there_is_leads_to_its_page(client: Client) -> None:
    response = client.post("/suggest/", {"name": "claude"}, headers=OWN)
    assert response["Location"] == "/services/claude/"


def test_too_many_suggestions_are_told_to_wait(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def waits(self, fingerprints: list[bytes]) -> list[int]:
            return [17] * len(fingerprints)

    monkeypatch.setattr(turnstile, "_throttle", Full)
    response = client.post("/suggest/", {"name": "Tele 2"}, headers=OWN)
    assert (response.status_code, response["Retry-After"]) == (429, "17")


def test_a_moderator_decides_by_the_form(client: Client) -> None:
    client.post("/suggest/", {"name": "Tele 2"}, headers=OWN)
    found = ServiceSuggestion.objects.get()
    roles.give()
    vera = User.objects.create_user("vera", is_staff=True)
    vera.groups.add(Group.objects.get(name=roles.MODERATOR))
    client.force_login(vera)
    page = f"/admin/reports/servicesuggestion/{found.pk}/change/"
    assert client.post(page, {"decision": "means", "reason": "x"}).status_code == 200
    assert client.post(page, {"decision": "draft", "reason": "asked for"}).status_code == 302
    assert not Service.objects.get(slug="tele-2").is_active
    assert {"vera"} == set(ModerationEntry.objects.values_list("by__username", flat=True))
    # Decided, it can be read and no more.
    assert "decision" not in client.get(page).content.decode()
