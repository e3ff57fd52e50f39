"""The report form, as any browser sends it."""

import pytest
from django.test import Client

from reports.models import Report
from reports.submission import UnavailableError
from reports.throttles import ThrottledError

OWN = {"Sec-Fetch-Site": "same-origin"}
ADDRESS = "/services/claude/report"
pytestmark = pytest.mark.usefixtures("committed")


def test_form_stores_a_report_and_leads_to_the_thanks(client: Client) -> None:
    entered = {"problem_type": "api", "region": "California", "comment": "500s everywhere"}
    response = client.post(ADDRESS, entered, headers=OWN)
    assert response.status_code == 303
    assert response["Location"] == "/services/claude/thanks/"
    report = Report.objects.get()
    assert report.problem_type is not None
    assert (report.problem_type.slug, report.region_id) == ("api", "US-CA")
    assert (report.comment, report.channel) == ("500s everywhere", "web")
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
