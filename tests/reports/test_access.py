"""A key opens what it was made for, for as long and as often as it may."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.test import Client

from reports import access
from reports.models import ApiKey
from reports.models.access import Scope
from reports.throttles import ThrottledError

NOW = datetime(2026, 3, 18, 14, 0, tzinfo=UTC)
URL = "/api/v1/reports/bulk"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_throttle() -> Iterator[None]:
    """No count of an earlier test's key stands under the same number."""
    cache.clear()
    yield
    cache.clear()


def test_a_key_is_kept_as_a_hash_only() -> None:
    key = access.make_key("a newspaper")
    row = ApiKey.objects.values().get()
    assert key not in str(row)
    assert row["prefix"] == key[:8]
    assert row["scopes"] == ["report"]


def test_an_ended_key_opens_nothing() -> None:
    key = access.make_key("a newspaper", expires_at=NOW)
    assert access.holder_of(key, NOW - timedelta(seconds=1)) is not None
    assert access.holder_of(key, NOW) is None


def test_a_key_for_subscriptions_sends_no_reports() -> None:
    key = access.make_key("a pager", [Scope.SUBSCRIBE])
    answer = Client().post(
        URL, b"", content_type="application/x-ndjson", headers={"authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 403
    assert "report" in answer.json()["detail"]


def test_a_key_that_sends_too_much_waits() -> None:
    access.make_key("a newspaper", per_minute=2)
    holder = ApiKey.objects.get()
    access.hold_back(holder)
    access.hold_back(holder)
    with pytest.raises(ThrottledError) as caught:
        access.hold_back(holder)
    assert 1 <= caught.value.wait <= 60


def test_bulk_tells_how_long_to_wait() -> None:
    key = access.make_key("a newspaper", per_minute=1)
    access.hold_back(ApiKey.objects.get())
    answer = Client().post(
        URL, b"", content_type="application/x-ndjson", headers={"authorization": f"Bearer {key}"}
    )
    assert answer.status_code == 429
    assert 1 <= int(answer["Retry-After"]) <= 60


def test_the_command_makes_what_it_is_asked_for() -> None:
    out = StringIO()
    call_command("make_api_key", "a pager", "--scope=subscribe", "--days=30", stdout=out)
    holder = access.holder_of(out.getvalue().strip(), datetime.now(UTC))
    assert holder is not None
    assert holder.scopes == ["subscribe"]
    assert holder.expires_at is not None
    assert timedelta(days=29) < holder.expires_at - datetime.now(UTC) < timedelta(days=31)


def test_the_command_refuses_a_key_for_no_request() -> None:
    with pytest.raises(CommandError, match="1 or more"):
        call_command("make_api_key", "a pager", "--per-minute=0")
    assert not ApiKey.objects.exists()
