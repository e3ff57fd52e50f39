"""Rows for tests, always the same ones: names are given or counted up, never drawn."""

import hashlib
import itertools
import uuid
from datetime import UTC, datetime

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
