"""A burst is shown as a burst."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from reports.desk.burst_view import view
from reports.models import Ban, Burst, Comment, Report
from tests.factories import digest, make_report
from tests.reports.desk.people import REASON, flood, hold, staff

pytestmark = pytest.mark.django_db


def test_burst_is_told_by_network_minute_and_words(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    burst = flood(90, 3)
    now = datetime.now(UTC)
    Report.objects.filter(network=digest("flood 2")).first().delete()  # type: ignore[union-attr]  # there are 30
    make_report(at=burst.since + timedelta(seconds=30))
    for number, report in enumerate(Report.objects.filter(network=digest("flood 0"))[:4]):
        Comment.objects.create(
            id=report.id,
            received_at=report.received_at,
            service=burst.service,
            region_id="",
            text=f"Switch to OtherBank now! {number}" if number else "It is down in Berlin",
            state="shown",
        )
    hold("buy coins")
    with django_assert_max_num_queries(8):
        seen = view(burst)
    assert (seen.reports, seen.rejected, seen.besides) == (89, 0, 2)
    assert [one.reports for one in seen.networks] == [30, 30, 29]
    assert [one.part for one in seen.networks] == [34, 34, 33]
    assert [(one.number, one.text[:6]) for one in seen.said] == [(3, "Switch"), (1, "It is ")]
    assert seen.chart.count("<path") == 2
    assert seen.start < burst.since < now


def test_long_burst_is_drawn_by_some_minutes(claude: object) -> None:
    burst = flood()
    Burst.objects.update(since=burst.until - timedelta(hours=20))
    burst.refresh_from_db()
    seen = view(burst)
    assert seen.step == 11
    assert seen.top == 120


def test_page_offers_what_the_queue_does_and_links_each_network() -> None:
    desk, burst = staff("view", "change"), flood()
    path = f"/admin/queue/burst/{burst.pk}/"
    page = desk.get(path).content.decode()
    assert f'value="reject burst:{burst.pk}"' in page
    assert f"network={burst.networks[0]}" in page
    form = {"do": f"accept burst:{burst.pk}", "back": path}
    assert desk.post("/admin/queue/", form).headers["Location"] == path
    assert 'name="do"' not in desk.get(path).content.decode()
    assert "Ban networks only" in desk.get(path).content.decode()


def test_page_of_an_expired_burst_says_so() -> None:
    burst = flood()
    Report.objects.all().delete()
    page = staff("view").get(f"/admin/queue/burst/{burst.pk}/")
    assert "have expired" in page.content.decode()


def test_networks_are_banned_alone_also_after_the_burst_is_settled() -> None:
    desk, burst = staff("view", "change"), flood()
    path = f"/admin/queue/burst/{burst.pk}/"
    desk.post("/admin/queue/", {"do": f"reject burst:{burst.pk}", "reason": REASON})
    assert "Say why" in desk.post(path, {"hours": "6"}, follow=True).content.decode()
    desk.post(path, {"hours": "6", "reason": REASON})
    assert [str(ban.kind) for ban in Ban.objects.all()] == ["network"] * 3
    Report.objects.all().delete()
    gone = desk.post(path, {"hours": "6", "reason": REASON}, follow=True)
    assert "have expired, and" in gone.content.decode()
    assert staff("view").post(path, {"reason": REASON}).status_code == 403


def test_page_is_for_those_who_may_look() -> None:
    burst = flood()
    assert staff().get(f"/admin/queue/burst/{burst.pk}/").status_code == 403
    assert staff("view").get("/admin/queue/burst/99/").status_code == 404
