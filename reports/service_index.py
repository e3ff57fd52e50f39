"""Which Services and problem types can be reported: a copy of the catalogue in each process."""

from dataclasses import dataclass

from reports.copies import Copy
from reports.models import ProblemType, Service

FRESH_SECONDS = 10.0
# An unknown slug may be a new Service, but must not make every bad request read the catalogue.
FRESH_SECONDS_FOR_UNKNOWN = 1.0


@dataclass(frozen=True, slots=True)
class Reportable:
    """A Service that takes Reports, and the ids of its problem types by slug."""

    id: int
    slug: str
    problem_types: dict[str, int]


class ServiceIndex:
    """The Services that take Reports, by slug, read again every few seconds. For all threads."""

    def __init__(self) -> None:
        """Read at the first look."""
        self._copy = Copy(_read, "catalogue")

    def get(self, slug: str) -> Reportable | None:
        """The Service with this slug; None when there is none or it is no longer active.

        Raises:
            django.db.Error: when nothing was ever read and the database can't be asked.
        """
        by_slug = self._copy.get(FRESH_SECONDS)
        if slug not in by_slug:
            by_slug = self._copy.get(FRESH_SECONDS_FOR_UNKNOWN)
        return by_slug.get(slug)

    def slugs(self) -> list[str]:
        """All slugs, as last read.

        Raises:
            django.db.Error: as `get`.
        """
        return list(self._copy.get(FRESH_SECONDS))

    def forget(self) -> None:
        """Read again at the next look."""
        self._copy.forget()


def _read() -> dict[str, Reportable]:
    types: dict[int, dict[str, int]] = {}
    for service, slug, number in ProblemType.objects.filter(is_active=True).values_list(
        "service_id", "slug", "id"
    ):
        types.setdefault(service, {})[slug] = number
    active = Service.objects.filter(is_active=True).order_by().values_list("id", "slug")
    return {slug: Reportable(number, slug, types.get(number, {})) for number, slug in active}


services = ServiceIndex()
