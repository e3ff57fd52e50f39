"""The made-up past in the database: once, countable, and over at now."""

from datetime import UTC, datetime, timedelta

import pytest

from reports.models import IntakeMinute, Report
from reports.simulation import crowd, history
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_days(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "DAYS", 2)


def test_the_past_ends_now_and_has_a_heartbeat_in_every_minute() -> None:
    now = datetime.now(UTC)

    written = history.write(now)

    assert written == Report.objects.count() > 500
    newest = Report.objects.order_by("-received_at").values_list("received_at", flat=True)[0]
    assert now - timedelta(hours=1) < newest < now
    this_minute = now.replace(second=0, microsecond=0)
    past = (this_minute - timedelta(days=2), this_minute - timedelta(minutes=1))
    assert IntakeMinute.objects.filter(minute__range=past).count() == 2 * 1440


def test_the_past_is_written_only_where_there_is_nothing() -> None:
    factories.make_report()

    assert history.write(datetime.now(UTC)) == 0
    assert Report.objects.count() == 1


def test_the_same_seed_writes_the_same_past() -> None:
    now = datetime.now(UTC)
    history.write(now)
    first = list(Report.objects.order_by("id").values_list("id", "fingerprint"))
    Report.objects.all().delete()

    history.write(now)

    assert list(Report.objects.order_by("id").values_list("id", "fingerprint")) == first


def test_services_outside_of_the_catalogue_are_left_out() -> None:
    history.write(datetime.now(UTC))

    assert set(Report.objects.values_list("service__slug", flat=True)) <= set(
        factories.BASE_SERVICES
    )


def test_a_voices_place_and_problem_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    voice = crowd.Voice(1.0, "claude", "US-CA", "api", 3, "198.18.0.1")
    monkeypatch.setattr(crowd, "voices", lambda *_: iter([voice]))

    history.write(datetime.now(UTC))

    report = Report.objects.select_related("problem_type").first()
    assert report is not None
    assert report.region_id == "US-CA"
    assert report.problem_type is not None
    assert report.problem_type.slug == "api"
