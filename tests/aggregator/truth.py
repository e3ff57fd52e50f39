"""What the counts must be: the plainest possible count of the Report table."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from aggregator.models import HourCount, MinuteCount, QuarterCount, SocialCount
from reports import moderation
from reports.models import Report
from reports.models.report import Channel
from reports.selection import Selection

Key = tuple[datetime, int, str, int | None]


def assert_counts_are_true() -> None:
    """Compare the tables of counts with the Reports, when all of these should be counted."""
    tables = ((MinuteCount, 1), (QuarterCount, 15), (HourCount, 60), (SocialCount, 1))
    for model, width in tables:
        rows = model.objects.values_list(
            "start", "service_id", "region_id", "problem_type_id", "count"
        )
        counted = {(start, *rest): number for start, *rest, number in rows}
        assert len(counted) == len(rows)
        assert counted == true_counts(width, posts=model is SocialCount), model.__name__


def true_counts(width: int, *, posts: bool = False) -> Counter[Key]:
    """The number of Reports that count by span, for a width in minutes; public posts apart."""
    step = timedelta(minutes=width)
    epoch = datetime.fromtimestamp(0, UTC)
    return Counter(
        (
            r.received_at - (r.received_at - epoch) % step,
            r.service_id,
            r.region_id,
            r.problem_type_id,
        )
        for r in Report.objects.filter(rejected_at=None)
        if (r.channel == Channel.SOCIAL) == posts
    )


def reject(*reports: Report) -> None:
    """Reject Reports as a moderator does."""
    moderation.reject(_these(reports), by=None, reason="a flood", now=datetime.now(UTC))


def restore(*reports: Report) -> None:
    """Restore rejected Reports as a moderator does."""
    moderation.restore(_these(reports), by=None, reason="a mistake", now=datetime.now(UTC))


def _these(reports: tuple[Report, ...]) -> Selection:
    return Selection(ids=[report.id for report in reports])
