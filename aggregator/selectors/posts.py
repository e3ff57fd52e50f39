"""Public posts that say a Service fails: shown beside its Reports, never among them."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Sum

from aggregator.models import SocialCount

HOUR = timedelta(hours=1)


def posts_between(service_id: int, since: datetime, until: datetime) -> int:
    """How many authors said it in public, in the Minutes from `since` until before `until`."""
    rows = SocialCount.objects.filter(service=service_id, start__gte=since, start__lt=until)
    return rows.aggregate(total=Sum("count"))["total"] or 0


def recent_posts(service_id: int, now: datetime) -> int | None:
    """Those of the last hour; None, without a query, where nothing listens.

    Args:
        service_id: the Service.
        now: aware.
    """
    if not settings.ENV.social_streams:
        return None
    return posts_between(service_id, now - HOUR, now)
