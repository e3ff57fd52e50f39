"""Open data: a file of each finished day's counts, small ones masked, corrected when they change.

A day's files are written in one transaction, so they are there whole or not at all. Two workers
that make the same revision write the same bytes, and the second one's are dropped.
"""

import gzip
import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from aggregator import export
from aggregator.export import Format, Row
from aggregator.models import CountingMark, MinuteCount, OpenDay, OpenFile
from aggregator.steps import MINUTE
from reports.models import ModerationEntry, StaleBucket

DAY = timedelta(days=1)
# Of one call; the next one goes on.
MOST_DAYS = 5
SUFFIX = {Format.CSV: "csv.gz", Format.NDJSON: "ndjson.gz", Format.PARQUET: "parquet"}

log = structlog.get_logger(__name__)

# Order does not matter to a sum, and equal rows can't be: the counts' key is unique.
_FINGERPRINT = """
SELECT count(*) || ' ' || coalesce(sum(count), 0) || ' ' || coalesce(sum(hashtextextended(
    concat_ws(' ', extract(epoch FROM start), service_id, region_id, problem_type_id, count), 0
)::numeric), 0)
FROM aggregator_minutecount WHERE start >= %s AND start < %s
"""


@dataclass(frozen=True, slots=True)
class Made:
    """A file before it is stored."""

    form: Format
    content: bytes
    rows: int


def publish(now: datetime) -> int:
    """Make what is missing, correct what is no longer true; gives how many days were written.

    A day is made once counting has passed its end. It is looked at again after every act of
    moderation, as soon as the counts follow that act.

    Args:
        now: aware.
    """
    keep = settings.ENV.open_data_days
    if not keep:
        return 0
    OpenDay.objects.filter(day__lt=now.date() - timedelta(days=keep)).delete()
    due = [*_missing(now), *_doubtful()][:MOST_DAYS]
    return sum(_write(day, now) for day in due)


def _missing(now: datetime) -> list[date]:
    """Finished days with counts and without a file, the latest first."""
    mark = CountingMark.objects.first()
    first = MinuteCount.objects.order_by("start").values_list("start", flat=True).first()
    if mark is None or first is None:
        return []
    oldest = max(first.date(), now.date() - timedelta(days=settings.ENV.open_data_days - 1))
    last = min(now, mark.counted_until).date() - DAY
    made = set(OpenDay.objects.filter(day__gte=oldest).values_list("day", flat=True))
    days = (last - timedelta(days=n) for n in range((last - oldest).days + 1))
    return [day for day in days if day not in made]


def _doubtful() -> list[date]:
    """Days whose counts moderation may have changed since they were compared last."""
    acted = ModerationEntry.objects.aggregate(at=Max("at"))["at"]
    first = MinuteCount.objects.order_by("start").values_list("start", flat=True).first()
    if acted is None or first is None or StaleBucket.objects.exists():
        return []
    # Where the first partition is cut the day is no longer whole: it stays as it was published.
    rows = OpenDay.objects.filter(checked_at__lte=acted, day__gt=first.date())
    return list(rows.order_by("-day").values_list("day", flat=True).distinct())


def _write(day: date, now: datetime) -> bool:
    """Write a revision of a day, if its counts are others than those of the last one."""
    since = datetime.combine(day, time(), UTC)
    latest = OpenDay.objects.filter(day=day).first()
    mark = _fingerprint(since)
    if latest is not None and latest.fingerprint == mark:
        OpenDay.objects.filter(pk=latest.pk).update(checked_at=now)
        return False
    files = [_made(form, since) for form in Format]
    if _fingerprint(since) != mark:
        # Counting went on meanwhile; the next call finds it at rest.
        return False
    revision = latest.revision + 1 if latest else 1
    with transaction.atomic():
        row, is_new = OpenDay.objects.get_or_create(
            day=day,
            revision=revision,
            defaults={
                "made_at": now,
                "checked_at": now,
                "fingerprint": mark,
                "rows": files[0].rows,
            },
        )
        if is_new:
            OpenFile.objects.filter(day__day=day).update(content=None)
            OpenDay.objects.filter(day=day).update(checked_at=now)
            OpenFile.objects.bulk_create([_file(row, one) for one in files])
    if is_new:
        log.info("open_data.published", day=day.isoformat(), revision=revision)
    return is_new


def _fingerprint(since: datetime) -> str:
    with connection.cursor() as cursor:
        cursor.execute(_FINGERPRINT, [since, since + DAY])
        return str(cursor.fetchone()[0])


def _made(form: Format, since: datetime) -> Made:
    out = io.BytesIO()
    found = export.rows(MINUTE, since, since + DAY)
    number = export.write(form, found, out, kind=Row)
    content = out.getvalue()
    if form is not Format.PARQUET:
        # Without a time in it, the same counts make the same bytes.
        content = gzip.compress(content, mtime=0)
    return Made(form, content, number)


def _file(row: OpenDay, made: Made) -> OpenFile:
    return OpenFile(
        day=row,
        form=made.form,
        sha256=hashlib.sha256(made.content).hexdigest(),
        size=len(made.content),
        content=made.content,
    )
