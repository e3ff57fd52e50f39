"""Drafts for tests of what stores them."""

from datetime import UTC, datetime

from reports.drafts import Draft
from reports.fingerprint import Hashes
from reports.models import Service
from reports.models.report import Channel, RegionSource
from tests.factories import digest

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)


def make_draft(
    service: Service,
    sender: str = "alice",
    *,
    at: datetime | None = None,
    earlier: str | None = None,
    comment: str = "",
) -> Draft:
    """One person's statement about a Service.

    Args:
        service: what fails.
        sender: a name that stands for fingerprint and network.
        at: when it was received; now when not given.
        earlier: the name under which the same sender was known yesterday.
        comment: the sender's words.
    """
    return Draft(
        service_id=service.pk,
        problem_type_id=None,
        region="US-CA",
        region_source=RegionSource.USER,
        hashes=Hashes(
            digest(sender), digest(f"network of {sender}"), (earlier and digest(earlier)) or None
        ),
        channel=Channel.API,
        comment=comment,
        received_at=at or datetime.now(UTC),
    )
