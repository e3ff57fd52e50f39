"""Rows for tests, always the same ones: names are given or counted up, never drawn."""

import base64
import hashlib
import itertools
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from aggregator.models import Outage, OutageEvent, Subscription
from aggregator.models.alert import SubscriptionChannel
from aggregator.models.outage import EventKind, State
from reports.models import Category, ProblemType, Region, Report, Service, ServiceDependency
from reports.models.place import RegionKind
from reports.models.report import Channel, RegionSource

BASE_SERVICES = {
    "claude": ["api", "chat"],
    "aws": ["console"],
    "github": ["git", "actions"],
    # Nobody asks for these: a forgotten filter finds them.
    "noise": ["noise"],
}
BASE_REGIONS = ["", "US", "US-CA", "US-NY", "DE", "DE-BE", "BR", "BR-SP", "AT"]
SIGNING_SECRET = "whsec_" + base64.b64encode(b"a secret of thirty-two letters..").decode()
_numbers = itertools.count(1)


def make_base_data() -> None:
    """Make the Regions and Services that every test may rely on."""
    for code in BASE_REGIONS:
        parent = None if not code else code.rpartition("-")[0]
        kind = [RegionKind.WORLD, RegionKind.COUNTRY, RegionKind.SUBDIVISION]
        Region.objects.get_or_create(
            code=code,
            defaults={
                "kind": kind[0 if not code else 1 + code.count("-")],
                "parent_id": parent,
                "name": code or "World",
                "latitude": 0.0,
                "longitude": 0.0,
                "time_zone": "UTC",
                "weight": 1.0,
            },
        )
    category, _ = Category.objects.get_or_create(slug="ai", defaults={"name": "AI"})
    for slug, types in BASE_SERVICES.items():
        made, _ = Service.objects.get_or_create(
            slug=slug, defaults={"name": slug.title(), "category": category}
        )
        for name in types:
            ProblemType.objects.get_or_create(
                service=made, slug=name, defaults={"name": name.title()}
            )
    ServiceDependency.objects.get_or_create(service=service("claude"), depends_on=service("aws"))


def service(slug: str) -> Service:
    """A Service of the base data."""
    return Service.objects.get(slug=slug)


def region(code: str) -> Region:
    """A Region of the base data."""
    return Region.objects.get(code=code)


def digest(name: str) -> bytes:
    """Sixteen bytes that stand for a name, like a fingerprint."""
    return hashlib.sha256(name.encode()).digest()[:16]


def make_report(
    slug: str = "claude",
    *,
    at: datetime | None = None,
    region: str = "",
    problem_type: str | None = None,
    sender: str | None = None,
) -> Report:
    """A Report written straight to its table, past intake; every one from somebody else.

    Args:
        slug: the Service.
        at: when it was received, aware; now when not given.
        region: the code of its Region.
        problem_type: the slug of one of the Service's problem types.
        sender: a name that stands for fingerprint and network.
    """
    sender = sender or f"sender-{next(_numbers)}"
    reported = service(slug)
    kind = reported.problem_types.get(slug=problem_type) if problem_type else None
    return Report.objects.create(
        id=uuid.uuid4(),
        received_at=at or datetime.now(UTC),
        service=reported,
        region_id=region,
        problem_type=kind,
        region_source=RegionSource.USER if region else RegionSource.NONE,
        channel=Channel.API,
        fingerprint=digest(sender),
        network=digest(f"network of {sender}"),
    )


def make_post(slug: str = "claude", *, at: datetime | None = None) -> Report:
    """A Report of a public post, written straight to its table; every one from somebody else."""
    report = make_report(slug, at=at)
    report.channel = Channel.SOCIAL
    Report.objects.filter(id=report.id).update(channel=report.channel)
    return report


# -- outages and who is told of them ----------------------------------------------------------

STARTED = datetime(2026, 3, 18, 14, 2, tzinfo=UTC)


def make_outage(
    slug: str = "claude",
    *,
    state: State = State.POSSIBLE,
    regions: Sequence[str] = (),
    started_at: datetime = STARTED,
) -> Outage:
    """An Outage written straight to its table, without its events; found after three minutes.

    Args:
        slug: the Service.
        state: where it stands; what has ended lasted an hour.
        regions: the codes of its scope; empty for worldwide.
        started_at: the onset, aware.
    """
    is_over = state in {State.OVER, State.RETRACTED}
    ended_at = started_at + timedelta(hours=1) if is_over else None
    return Outage.objects.create(
        service=service(slug),
        state=state,
        region_id=regions[0] if len(regions) == 1 else "",
        regions=list(regions),
        started_at=started_at,
        detected_at=started_at + timedelta(minutes=3),
        ended_at=ended_at,
        retracted_at=ended_at if state == State.RETRACTED else None,
        peak_count=532,
        expected_at_peak=12.25,
    )


def make_event(
    outage: Outage,
    kind: EventKind = EventKind.OPENED,
    to_state: State = State.POSSIBLE,
    *,
    regions: Sequence[str] | None = None,
) -> OutageEvent:
    """A move of an Outage, a minute after the one before; its scope is the Outage's if not given.

    It tells nobody: `alerting.enqueue` does.
    """
    scope = outage.regions if regions is None else list(regions)
    return OutageEvent.objects.create(
        outage=outage,
        kind=kind,
        to_state=to_state,
        at=outage.detected_at + timedelta(minutes=outage.events.count()),
        region_id=scope[0] if len(scope) == 1 else "",
        regions=scope,
        numbers={"observed": 532, "expected": 12.25},
    )


def make_subscription(
    target: str = "https://hooks.example/outcry",
    *,
    slug: str | None = None,
    region: str | None = None,
    least_state: State = State.POSSIBLE,
    is_active: bool = True,
) -> Subscription:
    """A Subscription, of e-mail when the target has an @; every webhook has the same secret."""
    is_email = "@" in target
    return Subscription.objects.create(
        channel=SubscriptionChannel.EMAIL if is_email else SubscriptionChannel.WEBHOOK,
        target=target,
        secret="" if is_email else SIGNING_SECRET,
        service=service(slug) if slug else None,
        region_id=region,
        least_state=least_state,
        is_active=is_active,
        by_operator=True,
    )
