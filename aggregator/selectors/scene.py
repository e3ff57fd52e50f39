"""What is down, on which parts of a page, all seen at one instant: nothing in it contradicts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from aggregator.models import OfficialIncident, Outage
from aggregator.models.outage import NOT_OVER
from reports.models import Region, Service
from reports.models.place import RegionKind

MOST = 50
BY_SHELF = ("category__position", "category__name", "name", "pk")


@dataclass(frozen=True, slots=True)
class Scene:
    """Services, their Outages and their vendors' maintenances as of one instant.

    Attributes:
        at: the instant, aware.
        services: active ones with their Category; of the page of one Service just that one.
        outages: all that are not over and the latest of the others, the latest first, with
            Service, Region, cause and moves loaded.
        maintenances: those that vendors announced, the latest first, with their Service.
        countries: code and name of every country, by name; only for one Service's page.
    """

    at: datetime
    services: Sequence[Service]
    outages: Sequence[Outage]
    maintenances: Sequence[OfficialIncident] = ()
    countries: Sequence[tuple[str, str]] = field(default=())

    def open_outages(self) -> list[Outage]:
        """Those that are not over."""
        return [one for one in self.outages if one.state in NOT_OVER]


@contextmanager
def one_instant() -> Iterator[None]:
    """Everything read inside is of one instant. Opens a transaction, unless inside one already."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def scene(slug: str | None, now: datetime) -> Scene | None:
    """What is going on, of one Service or of all; None when there is no such Service."""
    with one_instant():
        services = Service.objects.filter(is_active=True).select_related("category")
        if slug is not None:
            services = services.filter(slug=slug)
        found = list(services.order_by(*BY_SHELF))
        if slug is not None and not found:
            return None
        one = found[0].pk if slug is not None else None
        return Scene(
            at=now,
            services=found,
            outages=_outages(one),
            maintenances=_maintenances(one),
            countries=_countries() if slug is not None else (),
        )


def outage_of(outage_id: int, slug: str | None) -> Outage | None:
    """One Outage as a Scene has it; None when there is none, or it is another Service's."""
    rows = _rows(None).filter(pk=outage_id)
    return rows.filter(service__slug=slug).first() if slug else rows.first()


def _rows(service: int | None) -> QuerySet[Outage]:
    rows = Outage.objects.filter(service__is_active=True)
    if service is not None:
        rows = rows.filter(service=service)
    return rows.select_related("service", "region", "cause").prefetch_related(
        "events__cause", "notes"
    )


def _outages(service: int | None) -> list[Outage]:
    rows = _rows(service).order_by("-started_at", "-id")
    going_on = rows.filter(state__in=NOT_OVER)
    found = {one.pk: one for one in [*going_on, *rows[:MOST]]}
    return sorted(found.values(), key=lambda one: (one.started_at, one.pk), reverse=True)


def _maintenances(service: int | None) -> list[OfficialIncident]:
    rows = OfficialIncident.objects.filter(
        Q(scheduled_until=None) | Q(scheduled_until__gte=F("scheduled_for")),
        is_maintenance=True,
        scheduled_for__isnull=False,
        service__is_active=True,
    )
    if service is not None:
        rows = rows.filter(service=service)
    return list(rows.select_related("service").order_by("-scheduled_for", "-id")[:MOST])


def _countries() -> list[tuple[str, str]]:
    rows = Region.objects.filter(kind=RegionKind.COUNTRY)
    return list(rows.order_by("name", "code").values_list("code", "name"))
