"""What is known of a Service beside its counts: networks, declarations, the vendor's own word."""

from datetime import datetime, timedelta

from django.db.models import Q

from aggregator.clock import end_of, start_of
from aggregator.detection import Context, Official
from aggregator.models import Declaration
from aggregator.models.declaration import DeclarationKind
from aggregator.official.announced import is_acknowledged, is_maintained
from aggregator.selectors.posts import posts_between
from aggregator.topology import Plan
from reports.selectors import breadth

BREADTH_MINUTES = 60
# So many authors in a quarter-hour, and so many times the usual of the week before, are a crowd.
POSTS_LEAST = 10
POSTS_RATIO = 5.0
QUARTER = timedelta(minutes=15)
WEEK = timedelta(days=7)


class StoredEvidence:
    """The evidence of one Minute, read from the database only when the detector asks.

    It asks only for Services that stand out; most Minutes cost no query.
    """

    def __init__(self, plan: Plan, minute: int) -> None:
        """Evidence for the Minute that the detector is looking at."""
        self._plan = plan
        self._minute = minute
        self._networks: dict[str, dict[str, int]] = {}
        self._context: dict[str, Context] = {}

    def networks(self, service: str, region: str) -> int | None:
        """Distinct networks of the last 60 minutes' Reports; None where none are kept."""
        if service not in self._networks:
            until = end_of(self._minute)
            since = until - timedelta(minutes=BREADTH_MINUTES)
            self._networks[service] = breadth(self._plan.service_keys[service], since, until)
        return self._networks[service].get(region)

    def context(self, service: str) -> Context:
        """What operators, the vendor and the public said by the Minute's end (four queries)."""
        if service not in self._context:
            self._context[service] = self._declared(self._plan.service_keys[service])
        return self._context[service]

    def _declared(self, service: int) -> Context:
        since, until = start_of(self._minute), end_of(self._minute)
        # What is declared or lifted later is not known to those who evaluate this Minute again.
        kinds = set(
            Declaration.objects.filter(
                Q(lifted_at=None) | Q(lifted_at__gte=until),
                service=service,
                starts_at__lt=until,
                ends_at__gt=since,
                made_at__lt=until,
            ).values_list("kind", flat=True)
        )
        acknowledged = is_acknowledged(service, since, until)
        return Context(
            official=Official.INCIDENT if acknowledged else None,
            maintenance=DeclarationKind.MAINTENANCE in kinds
            or is_maintained(service, since, until),
            hold=bool(kinds & {DeclarationKind.SURGE, DeclarationKind.HOLD}),
            posts=_is_crowd_of_posts(service, until),
        )


def _is_crowd_of_posts(service: int, until: datetime) -> bool:
    """Whether far more people than usual say in public that a Service fails (one query or two)."""
    recent = posts_between(service, until - QUARTER, until)
    if recent < POSTS_LEAST:
        return False
    before = posts_between(service, until - WEEK, until - QUARTER)
    return recent >= POSTS_RATIO * before / (WEEK / QUARTER - 1)
