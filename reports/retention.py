"""What is not kept: old Reports, hashing keys, heartbeats; and room for the days to come."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from reports import partitions, site_settings, suggestions
from reports.models import CommentFlag, DailyKey, IntakeMinute
from reports.writing import COMMENTS, TABLE

# Until then a repeat over midnight is known; afterwards nobody can tell whose a hash is.
KEPT_KEYS = timedelta(days=2)
# As long as the Minutes that they explain.
KEPT_HEARTBEATS = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Retired:
    """What one round did: names of partitions made and dropped, numbers of rows deleted."""

    made: list[str]
    dropped: list[str]
    keys: int
    heartbeats: int


def retire(now: datetime) -> Retired:
    """Make partitions ahead, drop what is too old. Safe to run twice, and at once.

    Args:
        now: aware.

    Raises:
        django.db.OperationalError: when somebody reads the table for long; the next round does it.
    """
    today = now.astimezone(UTC).date()
    first_kept = today - timedelta(days=site_settings.fresh().report_retention_days)
    # Keys first: nothing that may fail shall keep them.
    keys, _ = DailyKey.objects.filter(day__lt=today - KEPT_KEYS).delete()
    heartbeats, _ = IntakeMinute.objects.filter(minute__lt=now - KEPT_HEARTBEATS).delete()
    oldest = datetime.combine(first_kept, datetime.min.time(), UTC)
    CommentFlag.objects.filter(at__lt=oldest).delete()
    suggestions.forget_old(now - KEPT_KEYS, now)
    made, dropped = [], []
    # Comments go first: none shall outlive its Report.
    for table in (COMMENTS, TABLE):
        made += partitions.ensure_ahead(table, now)
        dropped += partitions.drop_before(table, first_kept)
    return Retired(made, dropped, keys, heartbeats)
