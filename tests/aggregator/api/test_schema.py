"""The API's description: up to date, valid, and true."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import given, settings
from schemathesis import checks

from aggregator.models.picture import Verdict
from tests.aggregator.api.test_services import NOON
from tests.readable import make_count, make_expectation, make_outage, make_place, make_status

COMMITTED = Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"
ABOUT_ONE = ["", "/series", "/regions", "/problem-types"]
PATHS = [
    *(f"/api/v1/services/{{slug}}{rest}" for rest in ABOUT_ONE),
    *(f"/api/v1/{name}" for name in ("services", "outages", "regions", "categories")),
    "/api/v1/outages/{outage_id}",
]
TRUTHS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@pytest.fixture
def something_to_read(committed: None) -> None:
    """A row of every kind."""
    outage = make_outage("claude", NOON)
    make_status("claude", Verdict.MAJOR, outage=outage)
    make_place("claude", "US-CA", 9)
    make_place("claude", "DE", 2)
    make_count("claude", NOON, 9, region="US-CA", problem_type="api")
    make_expectation("claude", NOON - timedelta(hours=1))


def test_committed_schema_is_the_one_served(tmp_path: Path) -> None:
    fresh = tmp_path / "openapi.yaml"
    call_command("spectacular", file=str(fresh), validate=True, fail_on_warn=True)
    assert fresh.read_text() == COMMITTED.read_text(), f"manage.py spectacular --file {COMMITTED}"


def test_schema_and_its_page_are_served(client: Client) -> None:
    schema = client.get("/api/v1/schema")
    assert schema.status_code == 200
    page = client.get("/api/docs")
    assert page.status_code == 200
    # Nothing is fetched from anywhere else.
    assert b"https://" not in page.content
    assert b"//cdn" not in page.content


@pytest.mark.slow
@pytest.mark.parametrize("path", PATHS)
def test_reads_keep_what_the_schema_promises(path: str, something_to_read: None) -> None:
    described = schemathesis.openapi.from_wsgi("/api/v1/schema", get_wsgi_application())

    @given(case=described[path]["GET"].as_strategy())
    @settings(max_examples=40, deadline=None, derandomize=True)
    def ask(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(checks=TRUTHS)

    ask()
