"""What a vendor announced of a Service, as evidence beside its counts."""

from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from aggregator.models import OfficialIncident, OfficialUpdate

# An incident without a new word for so long is no evidence any more.
SPOKEN_WITHIN = timedelta(hours=24)


def is_maintained(service_id: int, since: datetime, until: datetime) -> bool:
    """Whether announced maintenance touches [since, until), both aware. One query.

    It begins when it is scheduled, and ends when the vendor says so, else when it was to end.
    What was announced after it should have begun does not count: a maintenance declared in the
    middle of an outage is an excuse.
    """
    announced = OfficialIncident.objects.filter(
        service_id=service_id,
        is_maintenance=True,
        scheduled_for__isnull=False,
        scheduled_for__lt=until,
        first_seen_at__lt=until,
        declared_at__lte=F("scheduled_for"),
    )
    ends = announced.annotate(ends_at=Coalesce("resolved_at", "scheduled_until"))
    return ends.filter(Q(ends_at=None) | Q(ends_at__gt=since)).exists()


def is_acknowledged(service_id: int, since: datetime, until: datetime) -> bool:
    """Whether an incident that the vendor declares touches [since, until), both aware.

    It counts from when we saw it: what was backdated was not known then. A day after the vendor's
    last word on it it counts no more: some stay open for weeks, and tell nothing of this minute.
    """
    said = {"first_seen_at__gt": since - SPOKEN_WITHIN, "first_seen_at__lt": until}
    incidents = OfficialIncident.objects.filter(
        service_id=service_id, is_maintenance=False, first_seen_at__lt=until
    )
    heard = Q(first_seen_at__gt=since - SPOKEN_WITHIN) | Exists(
        OfficialUpdate.objects.filter(incident=OuterRef("pk"), **said)
    )
    return incidents.filter(heard, Q(resolved_at=None) | Q(resolved_at__gt=since)).exists()
