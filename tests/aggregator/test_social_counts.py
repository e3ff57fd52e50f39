"""Public posts are counted apart from all other Reports, as exactly as those."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError
from django.db.models import F

from aggregator import counting, rollups
from aggregator.models import HourCount, MinuteCount, SocialCount
from reports.models import Report
from reports.selectors import breadth
from tests import factories
from tests.aggregator.truth import assert_counts_are_true, reject, restore

pytestmark = pytest.mark.usefixtures("committed")
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)


@pytest.fixture(autouse=True)
def _counted(committed: None) -> None:
    """Three posts and one Report of the same Minute, counted."""
    count()
    for _ in range(3):
        factories.make_post(at=NOON)
    factories.make_report(at=NOON)
    count()


def count() -> None:
    counting.count(datetime.now(UTC))


def test_posts_are_in_their_own_table_and_in_no_other() -> None:
    assert SocialCount.objects.get().count == 3
    assert MinuteCount.objects.get().count == HourCount.objects.get().count == 1
    assert_counts_are_true()
    call_command("recount", "--check")


def test_a_post_that_a_moderator_rejects_is_taken_out_and_put_back() -> None:
    post = Report.objects.filter(channel="social")[0]
    reject(post)
    count()
    assert SocialCount.objects.get().count == 2
    restore(post)
    count()
    assert_counts_are_true()
    call_command("recount", "--check")


def test_a_wrong_count_of_posts_is_found_and_put_right(capsys: pytest.CaptureFixture[str]) -> None:
    SocialCount.objects.update(count=F("count") + 1)
    with pytest.raises(CommandError, match="1 counts differ"):
        call_command("recount", "--check")
    assert "posts claude (no place) (no type): 4, not 3" in capsys.readouterr().out
    call_command("recount")
    assert_counts_are_true()


def test_posts_come_from_no_network() -> None:
    found = breadth(factories.service("claude").pk, NOON, NOON + timedelta(minutes=1))
    assert found == {"": 1}


def test_counts_of_posts_go_with_the_minutes() -> None:
    rollups.keep_partitions(NOON + timedelta(days=30))
    assert SocialCount.objects.exists()
    rollups.keep_partitions(NOON + timedelta(days=91))
    assert not SocialCount.objects.exists()


def test_a_post_with_a_place_is_refused_by_the_database() -> None:
    with pytest.raises(IntegrityError, match="reports_report_social_without_place"):
        Report.objects.filter(channel="social").update(region="US-CA")
