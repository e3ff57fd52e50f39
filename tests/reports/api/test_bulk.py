"""`POST /api/v1/reports/bulk`: many Reports, each answered on its own line."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import psycopg
import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports import access, submission
from reports.models import ApiKey, Report

pytestmark = pytest.mark.usefixtures("committed")
URL = "/api/v1/reports/bulk"
NDJSON = "application/x-ndjson"


@pytest.fixture
def key(committed: None) -> str:
    """The key of a sender."""
    return access.make_key("a newspaper")


def send(key: str, body: str | bytes, kind: str = NDJSON) -> HttpResponse:
    """Send a body with a key."""
    response = Client().generic(
        "POST",
        URL,
        body.encode() if isinstance(body, str) else body,
        kind,
        headers={"Authorization": f"Bearer {key}"},
    )
    assert isinstance(response, HttpResponse)
    return response


def lines(*values: object) -> str:
    """Values as NDJSON."""
    return "\n".join(json.dumps(value) for value in values)


def answers(response: HttpResponse) -> list[dict[str, object]]:
    """The lines of an answer."""
    assert (response.status_code, response["Content-Type"]) == (200, NDJSON)
    return [json.loads(line) for line in response.content.splitlines()]


def said(reporter: str, **more: object) -> dict[str, object]:
    """One line about Claude."""
    return {"service": "claude", "reporter": reporter, **more}


def test_good_lines_are_stored_though_others_are_bad(key: str) -> None:
    body = lines(said("a", region="DE"), {"service": "x"}, said("b")) + '\n\n{"service":\n'
    told = answers(send(key, body))
    assert [(answer["line"], answer["status"]) for answer in told] == [
        (1, 202),
        (2, 422),
        (3, 202),
        (5, 422),
    ]
    stored = {str(report.id) for report in Report.objects.all()}
    assert {told[0]["id"], told[2]["id"]} == stored
    problem = told[1]["problem"]
    assert isinstance(problem, dict)
    assert problem["errors"] == {"service": "unknown service"}
    assert Report.objects.filter(channel="bulk", region_id="DE").count() == 1


def test_json_array_is_answered_in_the_same_way(key: str) -> None:
    told = answers(send(key, json.dumps([said("a"), 1, said("b")]), "application/json"))
    assert [(answer["line"], answer["status"]) for answer in told] == [(1, 202), (2, 422), (3, 202)]


def test_reporters_count_once_each_and_lines_without_one_are_one(key: str) -> None:
    told = answers(
        send(key, lines(said("a"), said("a"), {"service": "claude"}, {"service": "claude"}))
    )
    ids = [answer["id"] for answer in told]
    assert (ids[0] == ids[1], ids[2] == ids[3], len(set(ids))) == (True, True, 2)
    assert Report.objects.count() == 2


def test_reporters_of_two_keys_never_meet(key: str) -> None:
    send(key, lines(said("a")))
    send(access.make_key("another"), lines(said("a")))
    assert Report.objects.values("fingerprint").distinct().count() == 2


def test_networks_are_the_senders_own_names_for_them(key: str) -> None:
    send(key, lines(said("a", network="n"), said("b", network="n"), said("c"), said("d")))
    networks = {bytes(network) for network in Report.objects.values_list("network", flat=True)}
    assert len(networks) == 2


def test_place_of_the_sender_is_not_taken_for_the_reporters(key: str) -> None:
    Client().generic(
        "POST",
        URL,
        lines(said("a")),
        NDJSON,
        headers={"Authorization": f"Bearer {key}", "Accept-Language": "de-AT"},
    )
    assert Report.objects.get().region_id == ""


def test_time_is_never_the_senders(key: str) -> None:
    told = answers(send(key, lines(said("a", received_at="2020-01-01T00:00:00Z"))))
    assert told[0]["status"] == 422


@pytest.mark.parametrize("header", [None, "Bearer nothing", "Bearer", "Basic eDp5", "Bearer é"])
def test_without_a_key_in_force_it_is_401(header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    response = Client().generic("POST", URL, lines(said("a")), NDJSON, headers=headers)
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert Report.objects.count() == 0


def test_revoked_key_is_401(key: str) -> None:
    call_command("revoke_api_key", key[:8], stdout=StringIO())
    assert send(key, lines(said("a"))).status_code == 401
    with pytest.raises(CommandError):
        call_command("revoke_api_key", key[:8], stdout=StringIO())


def test_command_prints_a_key_that_works_and_keeps_only_its_hash() -> None:
    out = StringIO()
    call_command("make_api_key", "a newspaper", stdout=out)
    made = out.getvalue().strip()
    row = ApiKey.objects.get()
    assert (row.name, row.prefix) == ("a newspaper", made[:8])
    assert made.encode() not in bytes(row.digest)
    assert send(made, lines(said("a"))).status_code == 200


def test_use_of_a_key_is_noted_once_a_minute(key: str) -> None:
    now = datetime(2026, 3, 18, 12, tzinfo=UTC)
    for seconds, noted in [(0, 0), (59, 0), (61, 61)]:
        assert access.holder_of(key, now + timedelta(seconds=seconds)) is not None
        assert ApiKey.objects.get().last_used_at == now + timedelta(seconds=noted)


def test_thousand_lines_are_taken_and_one_more_is_not(key: str) -> None:
    body = lines(*(said(f"reporter-{n}") for n in range(1000)))
    assert len(answers(send(key, body))) == 1000
    assert Report.objects.count() == 1000
    assert send(key, body + "\n" + lines(said("one more"))).status_code == 413
    assert send(key, b" " * 1_000_001).status_code == 413


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [("{}", "text/plain", 415), ("{}", "application/json", 400), ("[", "application/json", 400)],
)
def test_what_is_no_list_of_lines_is_refused(key: str, body: str, kind: str, status: int) -> None:
    assert send(key, body, kind).status_code == status


def test_empty_body_is_answered_with_nothing(key: str) -> None:
    assert answers(send(key, "[]", "application/json")) == []
    assert answers(send(key, "\n \n")) == []


def test_bulk_is_not_throttled(key: str, settings: LazySettings) -> None:
    settings.ENV = replace(settings.ENV, reports_per_minute=1)
    submission.stop()
    told = answers(send(key, lines(*[{"service": "claude"}] * 5)))
    assert [answer["status"] for answer in told] == [202] * 5


def test_lost_database_is_said_on_each_line(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise psycopg.OperationalError

    monkeypatch.setattr(psycopg, "connect", refuse)
    told = answers(send(key, lines(said("a"), {"service": "x"})))
    assert [answer["status"] for answer in told] == [503, 422]


def test_full_queue_is_503(key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(submission, "QUEUE_SIZE", 1)
    response = send(key, lines(said("a"), said("b")))
    assert (response.status_code, response["Retry-After"]) == (503, "5")


PIECES = st.sampled_from(
    [b"{", b"}", b"[", b"]", b'"service"', b":", b'"claude"', b",", b"\n", b"\xff", b"\0", b"1e999"]
)


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(PIECES | st.binary(max_size=5)), is_array=st.booleans())
def test_nothing_a_bulk_sender_sends_makes_a_5xx(
    key: str,
    pieces: list[bytes],
    is_array: bool,  # noqa: FBT001 - Hypothesis gives it by name
) -> None:
    response = send(key, b"".join(pieces), "application/json" if is_array else NDJSON)
    assert response.status_code < 500


@pytest.fixture(autouse=True)
def _writer_of_its_own(committed: None) -> Iterator[None]:
    """Settings that a test changes reach the writer, and leave with it."""
    submission.stop()
    yield
    submission.stop()
