"""The report form, as any browser sends it."""

import pytest
from django.test import Client
from django.utils import translation

from reports.geography import code_of, regions
from reports.models import Comment, Report, VoteCount
from reports.submission import UnavailableError
from reports.throttles import ThrottledError
from web.languages import NAMES
from web.pages.place import name_of

OWN = {"Sec-Fetch-Site": "same-origin"}
ADDRESS = "/services/claude/report"
WORKS = "/services/claude/works"
pytestmark = pytest.mark.usefixtures("committed")


def test_form_stores_a_report_and_leads_to_the_thanks(client: Client) -> None:
    entered = {"problem_type": "api", "region": "California", "comment": "500s everywhere"}
    response = client.post(ADDRESS, entered, headers=OWN)
    assert response.status_code == 303
    assert response["Location"] == "/services/claude/thanks/"
    report = Report.objects.get()
    assert report.problem_type is not None
    assert (report.problem_type.slug, report.region_id) == ("api", "US-CA")
    assert (Comment.objects.get().text, report.channel) == ("500s everywhere", "web")
    thanks = client.get(response["Location"])
    assert "You are the first to report Claude" in thanks.content.decode()


def test_form_of_something_else_needs_no_field(client: Client) -> None:
    assert client.post(ADDRESS, {"problem_type": ""}, headers=OWN).status_code == 303
    assert Report.objects.get().problem_type is None


def test_second_report_is_told_so_and_not_stored(client: Client) -> None:
    client.post(ADDRESS, {"problem_type": "api"}, headers=OWN)
    response = client.post(ADDRESS, {"problem_type": "chat"}, headers=OWN)
    assert response["Location"] == "/services/claude/thanks/?again"
    assert Report.objects.count() == 1
    assert "We already had your report" in client.get(response["Location"]).content.decode()


def test_wrong_place_is_told_and_what_was_entered_stays(client: Client) -> None:
    entered = {"problem_type": "api", "region": "Calfornia", "comment": "<b>slow</b>"}
    response = client.post(ADDRESS, entered, headers=OWN)
    page = response.content.decode()
    assert response.status_code == 422
    assert 'role="alert"' in page
    assert 'value="Calfornia"' in page
    assert "&lt;b&gt;slow&lt;/b&gt;" in page
    assert response["Cache-Control"] == "no-store"
    assert not Report.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_form_of_another_site_is_refused(headers: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(ADDRESS, {"problem_type": "api"}, headers=headers)
    assert response.status_code == 403
    assert not Report.objects.exists()


@pytest.mark.parametrize("headers", [OWN, {"Origin": "http://testserver"}, {}])
def test_own_form_and_browsers_that_say_nothing_are_taken(headers: dict[str, str]) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post(ADDRESS, {"problem_type": "api"}, headers=headers)
    assert response.status_code == 303


@pytest.mark.parametrize(
    ("error", "status", "wait"), [(ThrottledError(17), 429, "17"), (UnavailableError(), 503, "5")]
)
def test_report_that_is_not_taken_is_said_to_wait(
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    wait: str,
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise error

    monkeypatch.setattr("web.pages.report.receive", refuse)
    response = client.post(ADDRESS, {"problem_type": "api"}, headers=OWN)
    assert response.status_code == status
    assert response["Retry-After"] == wait
    assert 'role="alert"' in response.content.decode()


def test_unknown_service_is_not_found(client: Client) -> None:
    response = client.post("/services/nobody/report", {"problem_type": ""}, headers=OWN)
    assert response.status_code == 404


def test_form_is_sent_by_post_only(client: Client) -> None:
    assert client.get(ADDRESS).status_code == 405


# -- "works for me" ---------------------------------------------------------------------------


def test_vote_is_taken_shown_and_no_report(client: Client) -> None:
    response = client.post(WORKS, {"region": "Atlantis"}, headers=OWN)
    assert response.status_code == 303
    assert response["Location"] == "/services/claude/thanks/?works"
    assert "You are the first to say" in client.get(response["Location"]).content.decode()
    again = client.post(WORKS, headers=OWN)
    assert again.status_code == 303
    assert VoteCount.objects.get().count == 1
    assert "it works for 1" in client.get("/services/claude/").content.decode()
    assert not Report.objects.exists()


def test_vote_of_another_site_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(WORKS, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert not VoteCount.objects.exists()


@pytest.mark.parametrize(
    ("error", "status", "wait"), [(ThrottledError(17), 429, "17"), (UnavailableError(), 503, "5")]
)
def test_vote_that_is_not_taken_is_said_to_wait(
    client: Client, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, wait: str
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise error

    monkeypatch.setattr("reports.votes.cast", refuse)
    response = client.post(WORKS, headers=OWN)
    assert (response.status_code, response["Retry-After"]) == (status, wait)
    assert 'role="alert"' in response.content.decode()


def test_vote_for_an_unknown_service_is_not_found(client: Client) -> None:
    assert client.post("/services/nobody/works", headers=OWN).status_code == 404
    assert client.get(WORKS).status_code == 405


# -- the place --------------------------------------------------------------------------------


def test_place_is_guessed_from_the_languages_and_kept_by_nobody(client: Client) -> None:
    response = client.get("/place/", headers={"Accept-Language": "pt-BR,pt;q=0.9"})
    assert response.json() == {"place": "Brasil"}
    assert response["Cache-Control"] == "private, no-store"
    assert client.get("/place/", headers={"Accept-Language": "eo"}).json() == {"place": ""}


def test_place_of_a_position_is_its_subdivision(client: Client) -> None:
    response = client.post("/place/", {"lat": "37.77", "lon": "-122.42"}, headers=OWN)
    assert response.json() == {"place": "California, United States"}


@pytest.mark.parametrize(
    "position", [{"lat": "91", "lon": "0"}, {"lat": "x", "lon": "0"}, {"lat": "1"}, {"lat": "nan"}]
)
def test_place_of_no_position_is_a_bad_request(client: Client, position: dict[str, str]) -> None:
    assert client.post("/place/", position, headers=OWN).status_code == 400
    assert client.post(ADDRESS, position, headers=OWN).status_code == 400


def test_position_is_asked_by_our_own_page_only(client: Client) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/place/", {"lat": "1", "lon": "1"}, headers=headers).status_code == 403


def test_report_from_a_position_is_placed_and_the_position_forgotten(client: Client) -> None:
    client.post(ADDRESS, {"lat": "37.77", "lon": "-122.42"}, headers=OWN)
    report = Report.objects.get()
    assert (report.region_id, report.region_source) == ("US-CA", "position")


# -- comments ---------------------------------------------------------------------------------


def test_comment_is_shown_as_text_with_its_country_and_can_be_flagged(client: Client) -> None:
    entered = {"problem_type": "api", "region": "California", "comment": "<b>500s</b>\nagain"}
    client.post(ADDRESS, entered, headers=OWN)
    page = client.get("/services/claude/").content.decode()
    said = page[page.index('id="part-comments"') :]
    assert "&lt;b&gt;500s&lt;/b&gt;<br>again" in said
    assert "United States" in said
    assert "California" not in said
    flag = said.partition('action="')[2].partition('"')[0]
    response = client.post(flag, headers=OWN)
    assert (
        "When several readers flag a comment" in client.get(response["Location"]).content.decode()
    )


def test_held_comment_is_not_shown(client: Client) -> None:
    client.post(ADDRESS, {"comment": "see https://spam.example"}, headers=OWN)
    assert Report.objects.exists()
    assert "spam.example" not in client.get("/services/claude/").content.decode()


def test_report_in_a_language_leads_to_thanks_in_it(client: Client) -> None:
    response = client.post("/de/services/claude/report", {"problem_type": "chat"})
    assert response.status_code == 303
    assert response["Location"].startswith("/de/services/claude/thanks/")


@pytest.mark.parametrize("language", NAMES)
def test_what_the_form_calls_a_place_is_taken_for_that_place(language: str) -> None:
    with translation.override(language):
        named = {code: name_of(code) for code in regions()}
    assert {code: name for code, name in named.items() if code_of(name) != code} == {}
    assert [code for code, name in named.items() if code and name == code] == []
