"""Counts for tests of evaluation, written as counting would have left them."""

from datetime import timedelta

from aggregator.clock import minute_of, start_of
from aggregator.models import CountingMark, Declaration, MinuteCount, OfficialIncident, SocialCount
from reports import partitions
from tests import factories


def count(slug: str, minute: int, reports: int, region: str = "US-CA") -> None:
    """Counted Reports of one Service in one Region and Minute (minutes since 1970)."""
    MinuteCount.objects.create(
        start=start_of(minute),
        service=factories.service(slug),
        region_id=region,
        problem_type=None,
        count=reports,
    )


def told(slug: str, minute: int, posts: int) -> None:
    """Counted public posts of one Service and Minute (minutes since 1970)."""
    SocialCount.objects.create(
        start=start_of(minute),
        service=factories.service(slug),
        region_id="",
        problem_type=None,
        count=posts,
    )


def counted_until(minute: int, *, revision: int = 0) -> None:
    """Say that counting has finished every Minute before this one."""
    CountingMark.objects.update_or_create(
        pk=1,
        defaults={
            "transaction": 0,
            "cluster": 0,
            "counted_until": start_of(minute),
            "revision": revision,
        },
    )


def quiet_day(slug: str, until: int, *, days: int = 2, region: str = "US-CA") -> int:
    """One Report every ten minutes for some days; returns the first Minute of it."""
    first = until - days * 1440
    table = "aggregator_minutecount"
    partitions.ensure(table, start_of(first).date(), (start_of(until) + timedelta(days=1)).date())
    service = factories.service(slug)
    MinuteCount.objects.bulk_create(
        MinuteCount(
            start=start_of(minute), service=service, region_id=region, problem_type=None, count=1
        )
        for minute in range(first, until, 10)
    )
    return minute_of(start_of(first))


def burst(slug: str, first: int, minutes: int = 10, reports: int = 60) -> None:
    """A crowd: so many Reports in each of some Minutes."""
    day = start_of(first).date()
    partitions.ensure("aggregator_minutecount", day, day + timedelta(days=1))
    for minute in range(first, first + minutes):
        count(slug, minute, reports)


def declare(slug: str, kind: str, first: int, stop: int) -> None:
    """An operator's declaration over some Minutes, made as the first of them began."""
    Declaration.objects.create(
        service=factories.service(slug),
        kind=kind,
        starts_at=start_of(first),
        ends_at=start_of(stop),
        made_at=start_of(first),
    )


def announce(slug: str, first: int, stop: int, *, is_maintenance: bool = False) -> None:
    """What a vendor says of itself over some Minutes; work was announced an hour before."""
    seen = start_of(first - 60 if is_maintenance else first)
    OfficialIncident.objects.create(
        service=factories.service(slug),
        key=f"{slug}-{first}",
        is_maintenance=is_maintenance,
        name="Work" if is_maintenance else "Errors",
        status="scheduled" if is_maintenance else "investigating",
        declared_at=seen,
        first_seen_at=seen,
        scheduled_for=start_of(first) if is_maintenance else None,
        scheduled_until=start_of(stop) if is_maintenance else None,
        resolved_at=None if is_maintenance else start_of(stop),
    )
