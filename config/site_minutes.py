"""The site's own figures, a row a Minute: what the start page draws of backlog and lag."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from config.health import figures
from config.models import SiteMinute

MINUTE = timedelta(minutes=1)
KEPT = timedelta(days=2)


def note(now: datetime) -> None:
    """Write down this Minute's figures, unless another worker did; forget old ones.

    Args:
        now: aware.
    """
    read = figures()
    SiteMinute.objects.get_or_create(
        minute=now.replace(second=0, microsecond=0),
        defaults={
            "counting_lag": read.counting_lag,
            "evaluation_lag": read.evaluation_lag,
            "uncounted": read.uncounted_reports,
            "alerts_pending": read.alerts_pending,
        },
    )
    SiteMinute.objects.filter(minute__lt=now - KEPT).delete()


def recent(now: datetime, length: timedelta) -> Sequence[SiteMinute | None]:
    """The complete Minutes before now, oldest first; None where none was noted.

    Args:
        now: aware.
        length: whole minutes.
    """
    end = now.replace(second=0, microsecond=0)
    kept = SiteMinute.objects.filter(minute__gte=end - length, minute__lt=end)
    noted = {one.minute: one for one in kept}
    return [noted.get(end - back * MINUTE) for back in range(length // MINUTE, 0, -1)]
