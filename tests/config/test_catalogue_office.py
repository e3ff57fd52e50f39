"""The catalogue's pages in the back office, from a form to the public page."""

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from config import roles
from reports.models import ModerationEntry, Service
from tests.reports.test_logos import picture

pytestmark = pytest.mark.django_db
ADD = "/admin/reports/service/add/"
IMPORT = "/admin/reports/service/import/"
FORM = {
    "name": "Grok",
    "slug": "grok",
    "homepage": "https://grok.example",
    "official_url": "",
    "official_kind": "",
    "aliases": "xAI\n",
    "problem_types": "chat: Chat\napi: API",
    "is_hidden": "on",
    "reason": "asked for",
}


@pytest.fixture
def office(db: None) -> Client:
    """An operator's browser."""
    roles.give()
    user = User.objects.create_user("olga", is_staff=True)
    user.groups.add(Group.objects.get(name=roles.OPERATOR))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def form(claude: Service) -> dict[str, object]:
    return {**FORM, "category": claude.category_id, "depends_on": [claude.pk]}


def public(client: Client) -> list[str]:
    """The public places that name grok."""
    places = ["/", "/sitemap.xml", "/api/v1/services", "/api/v2/summary.json", "/find/?q=grok"]
    places += ["/services/grok/", "/api/v1/services/grok", "/services/grok/badge.svg"]
    answers = {place: client.get(place) for place in places}
    return [
        place
        for place, answer in answers.items()
        if answer.status_code == 200 and b"grok" in answer.content.lower().replace(b"q=grok", b"")
    ]


def test_a_draft_is_seen_by_staff_alone_until_it_is_shown(
    office: Client, form: dict[str, object]
) -> None:
    made = office.post(ADD, {**form, "picture": SimpleUploadedFile("x.png", picture().read())})
    assert made.status_code == 302, made.context["adminform"].form.errors
    grok = Service.objects.get(slug="grok")
    assert (grok.is_active, bool(grok.logo_id)) == (False, True)
    assert list(grok.problem_types.values_list("slug", flat=True)) == ["chat", "api"]
    assert set(ModerationEntry.objects.values_list("by__username", "reason")) == {
        ("olga", "asked for")
    }
    assert public(Client()) == []
    preview = office.get("/admin/preview/grok/")
    assert preview.status_code == 200
    assert "Nobody else sees this page" in preview.content.decode()
    assert Client().get("/admin/preview/grok/").status_code == 302

    change = f"/admin/reports/service/{grok.pk}/change/"
    assert "xAI" in office.get(change).content.decode()
    shown = {key: value for key, value in form.items() if key != "is_hidden"}
    assert office.post(change, shown).status_code == 302
    found = public(Client())
    assert "/services/grok/" in found
    assert "/api/v1/services/grok" in found


def test_a_form_that_breaks_the_rules_says_so_and_stores_nothing(
    office: Client, form: dict[str, object]
) -> None:
    answer = office.post(ADD, {**form, "aliases": "Claude", "problem_types": "nothing"})
    said = answer.content.decode()
    assert "already means claude" in said
    assert not Service.objects.filter(slug="grok").exists()


def test_a_file_shows_what_would_change_before_it_does(office: Client) -> None:
    exported = office.get("/admin/reports/service/export/").content.decode()
    wanted = exported.replace("name: Claude", "name: Claude AI")
    upload = SimpleUploadedFile("mine.yaml", wanted.encode())
    shown = office.post(IMPORT, {"file": upload})
    page = shown.content.decode()
    assert "<del>Claude</del>" in page
    assert "<ins>Claude AI</ins>" in page
    assert Service.objects.get(slug="claude").name == "Claude"

    hidden = shown.context["form"].initial
    office.post(IMPORT, {**hidden, "reason": "the new name"})
    assert Service.objects.get(slug="claude").name == "Claude AI"
    assert ModerationEntry.objects.get().reason == "the new name"


def test_a_faulty_file_is_told_with_its_lines(office: Client) -> None:
    upload = SimpleUploadedFile("mine.yaml", b"services: {x: {nam: X}}")
    assert "mine.yaml:1: services.x: unknown key" in office.post(
        IMPORT, {"file": upload}
    ).content.decode().replace("&quot;", '"')
