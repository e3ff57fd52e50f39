"""Who sits at the desk in tests, and what waits for them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import Permission, User
from django.test import Client

from reports import report_id
from reports.models import Burst, Comment, HeldBecause, Report
from reports.models.moderation import BurstKind
from tests.factories import digest, make_report, service

REASON = "a campaign"


def staff(*rights: str, others: Sequence[str] = ()) -> Client:
    """The browser of a member of the staff with `view` or `change` of Reports, and other rights."""
    user = User.objects.create_user(f"staff with {rights}", is_staff=True)
    names = [*(f"{right}_report" for right in rights), *others]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(user)
    return client


def hold(text: str = "buy at coins.example/now", slug: str = "claude") -> Comment:
    """A held comment and its Report, some seconds old."""
    report = make_report(slug, at=datetime.now(UTC) - timedelta(seconds=5))
    return Comment.objects.create(
        id=report.id,
        received_at=report.received_at,
        service=report.service,
        region_id="",
        text=text,
        state="held",
        held_because=HeldBecause.LINK,
    )


def flood(reports: int = 120, networks: int = 3, slug: str = "claude") -> Burst:
    """So many Reports of the last minute out of few networks, and the flag they got."""
    now = datetime.now(UTC)
    Report.objects.bulk_create(
        Report(
            id=report_id.new(now),
            received_at=now - timedelta(seconds=1 + number % 50),
            service=service(slug),
            region_id="",
            region_source="none",
            channel="api",
            fingerprint=digest(f"flood {slug} {number}"),
            network=digest(f"flood {number % networks}"),
        )
        for number in range(reports)
    )
    return Burst.objects.create(
        service=service(slug),
        kind=BurstKind.NETWORKS,
        since=now - timedelta(minutes=1),
        until=now,
        reports=reports,
        networks=[digest(f"flood {number}").hex() for number in range(networks)],
        peak=reports,
        found_at=now,
    )
