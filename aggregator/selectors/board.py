"""All Services at a glance: what lists show of each, in one query and without model instances."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from aggregator.models.picture import Verdict
from aggregator.selectors.services import active_services
from aggregator.selectors.spans import Step, floor

HOURS = 24
# What is wrong now comes first; what nobody can tell comes last.
WORST_FIRST = {Verdict.MAJOR: 0, Verdict.POSSIBLE: 1, Verdict.OK: 2, Verdict.UNKNOWN: 3}


class Tile(NamedTuple):
    """A Service in a list.

    `category` is the slug of its Category, `shelf` that Category's name. `observed`, `expected`,
    `low` and `high` are Reports in 15 minutes, None before the first look at it.
    """

    slug: str
    name: str
    category: str
    shelf: str
    verdict: str
    observed: int | None
    expected: float | None
    low: float | None
    high: float | None
    last_hour: int
    traced_until: datetime | None
    traced: Sequence[int]

    def hours(self, now: datetime) -> list[int]:
        """Reports of the last 24 hours, oldest first; the last one is the hour before now."""
        if self.traced_until is None:
            return [0] * (HOURS - 1) + [self.last_hour]
        behind = (floor(now, Step.HOUR) + timedelta(hours=1) - self.traced_until) // timedelta(
            hours=1
        )
        kept = [*self.traced, *[0] * behind][-HOURS:]
        return [*kept[:-1], self.last_hour]

    @property
    def badness(self) -> tuple[int, float, int]:
        """What lists are sorted by, the worst first."""
        times = (self.observed or 0) / max(self.expected or 0.0, 1.0)
        return WORST_FIRST[Verdict(self.verdict)], -times, -self.last_hour


COLUMNS = (
    "slug",
    "name",
    "category__slug",
    "category__name",
    "status__verdict",
    "status__observed",
    "status__expected",
    "status__low",
    "status__high",
    "status__last_hour",
    "trace__until",
    "trace__counts",
)
VERDICT, LAST_HOUR, COUNTS = 4, 9, 11


def board(*, slugs: Sequence[str] | None = None, category: str | None = None) -> list[Tile]:
    """Active Services by Category and name, all or some. One query.

    Args:
        slugs: only these.
        category: only those of the Category with this slug.
    """
    rows = active_services().order_by("category__position", "category__name", "name")
    if slugs is not None:
        rows = rows.filter(slug__in=slugs)
    if category is not None:
        rows = rows.filter(category__slug=category)
    return [_tile(row) for row in rows.values_list(*COLUMNS)]


def _tile(row: tuple[object, ...]) -> Tile:
    """A row with what a Service without a status or a trace has instead."""
    return Tile._make(
        (
            *row[:VERDICT],
            row[VERDICT] or Verdict.UNKNOWN.value,
            *row[VERDICT + 1 : LAST_HOUR],
            row[LAST_HOUR] or 0,
            row[LAST_HOUR + 1],
            row[COUNTS] or (),
        )
    )
