"""`POST /api/v1/reports`, from the bytes that come in to the row in the table."""

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from config import commands
from reports import submission
from reports.models import Comment, ProblemType, Report, Service

pytestmark = pytest.mark.usefixtures("committed")
URL = "/api/v1/reports"
LONELY = {"service": "claude"}


@pytest.fixture
def strict(settings: LazySettings) -> Iterator[None]:
    """A site that takes three Reports a minute from one sender."""
    settings.ENV = replace(settings.ENV, reports_per_minute=3)
    submission.stop()
    yield
    submission.stop()


def send(body: object, address: str = "192.0.2.1", **headers: str) -> tuple[int, dict[str, object]]:
    """Send JSON from an address, through a trusted proxy; status and body of the answer."""
    response = Client().post(
        URL,
        body if isinstance(body, bytes) else json.dumps(body),
        content_type="application/json",
        headers={"X-Forwarded-For": address, **headers},
    )
    return response.status_code, json.loads(response.content)


def errors(body: object) -> dict[str, str]:
    """What is said against a body, by field."""
    status, problem = send(body)
    assert status == 422
    assert Report.objects.count() == 0
    found = problem["errors"]
    assert isinstance(found, dict)
    return found


def test_report_is_answered_with_what_was_stored(claude: Service) -> None:
    before = datetime.now(UTC)
    status, answer = send(
        {"service": "claude", "problem_type": "api", "region": "us_ca", "comment": " slow\x07 "}
    )
    report = Report.objects.get()
    assert status == 202
    assert answer == {
        "id": str(report.id),
        "service": "claude",
        "region": "US-CA",
        "received_at": report.received_at.isoformat().replace("+00:00", "Z"),
    }
    assert before <= report.received_at <= datetime.now(UTC)
    assert report.problem_type == ProblemType.objects.get(service=claude, slug="api")
    assert Comment.objects.get(id=report.id).text == "slow"
    assert (report.region_source, report.channel) == ("user", "api")


def test_region_is_null_when_nothing_tells_it() -> None:
    assert send(LONELY)[1]["region"] is None


@pytest.mark.parametrize(
    ("clues", "region", "source"),
    [
        ({"region": "Bavaria", "position": {"lat": 37.77, "lon": -122.42}}, "DE-BY", "user"),
        ({"position": {"lat": 37.77, "lon": -122.42}}, "US-CA", "position"),
        ({}, "AT", "locale"),
    ],
)
def test_place_comes_from_the_best_clue(clues: dict[str, object], region: str, source: str) -> None:
    status, answer = send({**LONELY, **clues}, **{"Accept-Language": "de-AT"})
    assert (status, answer["region"]) == (202, region)
    assert Report.objects.get().region_source == source


def test_repeat_gets_the_same_answer() -> None:
    assert send(LONELY) == send(LONELY)
    assert Report.objects.count() == 1


def test_senders_are_told_apart_by_address_and_ipv6_by_its_prefix() -> None:
    addresses = ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"]
    ids = [send(LONELY, address)[1]["id"] for address in addresses]
    assert len(set(ids)) == 4
    assert ids[2] == ids[3]


def test_person_is_the_same_over_midnight() -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    with time_machine.travel(midnight - timedelta(seconds=5), tick=False):
        before = send(LONELY)[1]["id"]
    with time_machine.travel(midnight + timedelta(seconds=5), tick=False):
        assert send(LONELY)[1]["id"] == before
        assert send(LONELY, "192.0.2.2")[1]["id"] != before
    with time_machine.travel(midnight + timedelta(minutes=61), tick=False):
        assert send(LONELY)[1]["id"] != before


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ({"service": "cluade"}, {"service": 'unknown service; did you mean "claude"?'}),
        ({"service": "x"}, {"service": "unknown service"}),
        ({}, {"service": "required"}),
        ({"service": None}, {"service": "Expected `str`, got `null`"}),
        (
            {"service": "claude", "problem_type": "chatt"},
            {"problem_type": 'unknown problem type; did you mean "chat"?'},
        ),
        (
            {"service": "claude", "problem_type": "console"},
            {"problem_type": "unknown problem type"},
        ),
        ({**LONELY, "comment": "x" * 501}, {"comment": "at most 500 characters, not 501"}),
        ({**LONELY, "comment": "a\0b"}, {"comment": "no NUL characters"}),
        ({**LONELY, "coment": ""}, {"coment": 'unknown field; did you mean "comment"?'}),
        ({**LONELY, "position": {"lat": 1}}, {"position.lon": "required"}),
        (
            {**LONELY, "position": {"lat": 91, "lon": 0}},
            {"position.lat": "Expected `float` <= 90.0"},
        ),
        ([], {"body": "Expected `object`, got `array`"}),
    ],
)
def test_wrong_field_is_named(body: object, wrong: dict[str, str]) -> None:
    assert errors(body) == wrong


def test_all_wrong_values_are_told_at_once() -> None:
    body = {"service": "x", "region": "zzzz", "comment": "\0"}
    assert set(errors(body)) == {"service", "region", "comment"}


def test_inactive_service_and_problem_type_take_no_reports() -> None:
    Service.objects.filter(slug="aws").update(is_active=False)
    try:
        assert set(errors({"service": "aws"})) == {"service"}
    finally:
        Service.objects.filter(slug="aws").update(is_active=True)


@pytest.mark.parametrize(
    "body",
    [b" ", b"{", b'{"service": "\xff"}', b'{"service": "claude"}x', b"\xef\xbb\xbf{}", b"NaN"],
)
def test_malformed_json_is_400(body: bytes) -> None:
    status, problem = send(body)
    assert (status, problem["title"]) == (400, "Bad Request")
    assert "Malformed JSON" in str(problem["detail"])


def test_other_content_type_is_415() -> None:
    for content_type in ("application/x-www-form-urlencoded", "text/plain", ""):
        response = Client().post(URL, "service=claude", content_type=content_type)
        assert response.status_code == 415
        assert response["Content-Type"] == "application/problem+json"


def test_large_body_is_413() -> None:
    assert send({**LONELY, "comment": "x" * 16_384})[0] == 413


def test_other_methods_are_405() -> None:
    response = Client().get(URL)
    assert (response.status_code, response["Allow"]) == (405, "POST, OPTIONS")
    assert response.json()["title"] == "Method Not Allowed"


def test_sender_of_too_many_is_told_how_long_to_wait(strict: None) -> None:
    assert [send(LONELY)[0] for _ in range(4)] == [202, 202, 202, 429]
    response = Client().post(
        URL, LONELY, content_type="application/json", headers={"X-Forwarded-For": "192.0.2.1"}
    )
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 60
    assert response["Content-Type"] == "application/problem+json"
    assert send(LONELY, "192.0.2.2")[0] == 202


def test_lost_database_is_503_and_all_goes_on_when_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise psycopg.OperationalError

    assert send(LONELY)[0] == 202
    submission.stop()
    monkeypatch.setattr(psycopg, "connect", refuse)
    response = Client().post(URL, LONELY, content_type="application/json")
    assert response.status_code == 503
    assert int(response["Retry-After"]) > 0
    monkeypatch.undo()
    assert send(LONELY, "192.0.2.2")[0] == 202
    assert Report.objects.count() == 2


def test_one_report_costs_no_query_on_the_requests_own_connection() -> None:
    send(LONELY)
    with connection.execute_wrapper(_refuse_query):
        assert send(LONELY, "192.0.2.2")[0] == 202


def _refuse_query(*_: object) -> None:
    message = "a query on the hot path"
    raise AssertionError(message)


def test_address_and_coordinates_are_neither_stored_nor_logged(
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address, body = "203.0.113.77", {**LONELY, "position": {"lat": 52.5163, "lon": 13.3777}}
    with caplog.at_level(logging.DEBUG):
        assert send(body, address)[0] == 202
        assert send({"service": "x"}, address)[0] == 422
        assert send(b"{", address)[0] == 400
        monkeypatch.setattr(submission, "submit", _fail)
        response = Client(raise_request_exception=False).post(
            URL, body, content_type="application/json", headers={"X-Forwarded-For": address}
        )
    assert response.status_code == 500
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(report::text, '') FROM reports_report AS report")
        stored = cursor.fetchone()[0]
    packed = bytes([203, 0, 113, 77]).hex()
    told = caplog.text + "".join(capfd.readouterr()) + stored + response.content.decode()
    for secret in (address, packed, "52.51", "13.37", "203.0.113"):
        assert secret not in told


def test_web_server_writes_no_access_log() -> None:
    assert not any("access-log" in word for word in commands.web("127.0.0.1", 8000))


def _fail(*_: object) -> None:
    message = "a fault of ours"
    raise RuntimeError(message)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from(["service", "problem_type", "region", "position", "comment", "lat"])
BODIES = st.one_of(
    st.binary(max_size=200),
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(FIELDS, VALUES | st.sampled_from(["claude", "api", "US-CA"])).map(
        lambda value: json.dumps({"service": "claude", **value}).encode()
    ),
)
TEXTS = st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=60)
KINDS = st.just("application/json") | TEXTS


@pytest.mark.slow
@settings(
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(body=BODIES, address=TEXTS, language=TEXTS, kind=KINDS, length=TEXTS | st.none())
@example(body=b"{}", address="::%1", language="", kind="application/json", length="-1")
@example(body=b"{}", address="[", language="-", kind="application/json; charset=x", length="9" * 9)
@example(body=b"[" * 16_000, address="", language="", kind="application/json", length=None)
def test_nothing_a_client_sends_makes_a_5xx(
    body: bytes, address: str, language: str, kind: str, length: str | None
) -> None:
    headers = {
        "X-Forwarded-For": address,
        "Accept-Language": language,
        "Accept": language,
    }
    if length is not None:
        headers["Content-Length"] = length
    response = Client().generic("POST", URL, body, kind, headers=headers)
    assert response.status_code < 500, response.content
