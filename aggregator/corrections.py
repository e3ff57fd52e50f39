"""Which Services' past counts were corrected, until evaluation has drawn the consequences."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Min

from aggregator.models import CountCorrection


def note(revision: int, buckets: Iterable[tuple[int, datetime]]) -> None:
    """Write down the earliest corrected Minute of each Service.

    Must run in the transaction that corrects the counts and raises the revision.

    Args:
        revision: the CountingMark's, after the correction.
        buckets: keys of Services with Minutes (aware) that were counted again.
    """
    earliest: dict[int, datetime] = {}
    for service, minute in buckets:
        earliest[service] = min(earliest.get(service, minute), minute)
    CountCorrection.objects.bulk_create(
        CountCorrection(revision=revision, service_id=service, since=since)
        for service, since in sorted(earliest.items())
    )


def waiting(revision: int) -> dict[int, datetime]:
    """The earliest corrected Minute of each Service that waits, in counts of a revision."""
    rows = CountCorrection.objects.filter(revision__lte=revision).order_by("-since")
    return dict(rows.values_list("service_id", "since"))


def earliest() -> datetime | None:
    """The first corrected Minute that waits; None when nothing does."""
    found: datetime | None = CountCorrection.objects.aggregate(since=Min("since"))["since"]
    return found


def done(revision: int) -> None:
    """Forget what is drawn. Must run in the transaction that draws the consequences."""
    CountCorrection.objects.filter(revision__lte=revision).delete()
