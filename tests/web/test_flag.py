"""The form by which a reader objects to a comment."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client

from reports import intake, turnstile
from reports.intake import Statement
from reports.models import CommentFlag
from reports.models.report import Channel

pytestmark = pytest.mark.usefixtures("committed")
OWN = {"sec-fetch-site": "same-origin"}


@pytest.fixture
def address() -> str:
    """Where one comment is flagged."""
    said = intake.receive(
        Statement("claude", comment="rude"),
        {"REMOTE_ADDR": "192.0.2.1"},
        channel=Channel.WEB,
        now=datetime.now(UTC),
    )
    return f"/services/claude/comments/{said.id}/flag"


def test_flag_leads_back_to_the_page(client: Client, address: str) -> None:
    response = client.post(address, headers=OWN)
    assert (response.status_code, response["Location"]) == (
        303,
        "/services/claude/?flagged#comments",
    )
    assert response["Cache-Control"] == "no-store"
    assert CommentFlag.objects.count() == 1


def test_other_sites_forms_and_mere_reading_flag_nothing(client: Client, address: str) -> None:
    assert client.post(address, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert client.get(address).status_code == 405
    assert not CommentFlag.objects.exists()


def test_unknown_comment_is_not_found(client: Client) -> None:
    address = f"/services/claude/comments/{uuid4()}/flag"
    assert client.post(address, headers=OWN).status_code == 404


def test_too_many_flags_are_told_to_wait(
    client: Client, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def waits(self, fingerprints: list[bytes]) -> list[int]:
            return [17] * len(fingerprints)

    monkeypatch.setattr(turnstile, "_throttle", Full)
    response = client.post(address, headers=OWN)
    assert (response.status_code, response["Retry-After"]) == (429, "17")
    assert not CommentFlag.objects.exists()
