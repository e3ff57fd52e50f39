"""Services and the answer to "is it down?"."""

from datetime import datetime
from typing import TYPE_CHECKING, cast

import msgspec
from django.db.models import Prefetch, QuerySet

from aggregator.models import EvaluationMark
from aggregator.models.picture import Verdict
from aggregator.selectors.posts import recent_posts
from aggregator.selectors.values import Expected, Instant, Slug, VerdictName
from reports.models import ProblemType, Service

if TYPE_CHECKING:
    from aggregator.models import ServiceStatus


class ServiceNow(msgspec.Struct, frozen=True, kw_only=True):
    """A Service and what is known of it now, worldwide.

    Attributes:
        aliases: other names people use for it.
        homepage: empty when unknown.
        official_url: the vendor's own status page; empty when there is none.
        verdict: `ok`, `possible`, `major`, or `unknown` (too little data to tell).
        outage: id of the Outage that is not over.
        at: the end of the last Minute looked at; null before the first look.
        count: Reports of the 15 minutes before `at`.
        expected: Reports expected in them.
        low: lower end of what is usual in 15 minutes.
        high: upper end of what is usual in 15 minutes.
        last_hour: Reports of the 60 minutes before `at`.
    """

    slug: Slug
    name: str
    category: Slug
    aliases: list[str]
    homepage: str
    official_url: str
    verdict: VerdictName
    outage: int | None
    at: Instant | None
    count: int
    expected: Expected
    low: Expected
    high: Expected
    last_hour: int


class ProblemChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What can be wrong with a Service."""

    slug: Slug
    name: str


class ServiceDetail(ServiceNow, frozen=True, kw_only=True):
    """A Service, what is known of it now, and what its Reports may name.

    Attributes:
        problem_types: what a Report can say is wrong, in the catalogue's order.
        depends_on: slugs of the Services whose failure can make it fail.
        public_posts: public posts of the last hour that say it fails, by as many authors; they
            are no Reports and in no other number. Null where the site reads none.
    """

    problem_types: list[ProblemChoice]
    depends_on: list[Slug]
    public_posts: int | None


def active_services() -> QuerySet[Service]:
    """Active Services, bare."""
    return Service.objects.filter(is_active=True)


def evaluated_until() -> datetime | None:
    """The end of the last Minute looked at; None before the first. One query.

    A Service without Reports keeps an older status: nothing was to be said of it since.
    """
    return EvaluationMark.objects.values_list("evaluated_until", flat=True).first()


def services_with_status() -> QuerySet[Service]:
    """Active Services with their status and Category loaded (one query)."""
    return active_services().select_related("status", "category")


def services(*, category: str | None = None, verdict: str | None = None) -> QuerySet[Service]:
    """Active Services with their status, Category and aliases loaded (two queries)."""
    found = services_with_status().prefetch_related("aliases")
    if category:
        found = found.filter(category__slug=category)
    if verdict == Verdict.UNKNOWN:
        return found.exclude(status__verdict__in=set(Verdict) - {Verdict.UNKNOWN})
    return found.filter(status__verdict=verdict) if verdict else found


def services_to_report() -> QuerySet[Service]:
    """Active Services with their status, Category and active problem types (two queries)."""
    active = ProblemType.objects.filter(is_active=True)
    return services_with_status().prefetch_related(Prefetch("problem_types", active))


def for_preview() -> QuerySet[Service]:
    """All Services, hidden ones too, with what `services_to_report` loads: for staff alone."""
    active = ProblemType.objects.filter(is_active=True)
    rows = Service.objects.select_related("status", "category")
    return rows.prefetch_related(Prefetch("problem_types", active))


def services_in_detail() -> QuerySet[Service]:
    """Active Services with all that `service_detail` shows loaded (five queries)."""
    active = ProblemType.objects.filter(is_active=True)
    return services().prefetch_related(
        Prefetch("problem_types", active), "dependencies__depends_on"
    )


def service_now(row: Service) -> ServiceNow:
    """A Service of `services()` ready to show; without a status its verdict is unknown."""
    status: ServiceStatus | None = getattr(row, "status", None)
    return ServiceNow(
        slug=row.slug,
        name=row.name,
        category=row.category.slug,
        aliases=[alias.name for alias in row.aliases.all()],
        homepage=row.homepage,
        official_url=row.official_url,
        verdict=cast("VerdictName", status.verdict) if status else "unknown",
        outage=status.outage_id if status else None,
        at=status.at if status else None,
        count=status.observed if status else 0,
        expected=round(status.expected, 2) if status else None,
        low=round(status.low, 2) if status else None,
        high=round(status.high, 2) if status else None,
        last_hour=status.last_hour if status else 0,
    )


def service_detail(row: Service, now: datetime) -> ServiceDetail:
    """A Service of `services_in_detail()` ready to show (a query where public posts are read)."""
    return ServiceDetail(
        **msgspec.structs.asdict(service_now(row)),
        problem_types=[
            ProblemChoice(slug=kind.slug, name=kind.name) for kind in row.problem_types.all()
        ],
        depends_on=[link.depends_on.slug for link in row.dependencies.all()],
        public_posts=recent_posts(row.pk, now),
    )
