"""Which Services and problem types can be reported: a copy of the catalogue in each process."""

from dataclasses import dataclass
from threading import Lock
from time import monotonic

import structlog
from django.db import Error

from reports.models import ProblemType, Service

FRESH_SECONDS = 10.0
# An unknown slug may be a new Service, but must not make every bad request read the catalogue.
FRESH_SECONDS_FOR_UNKNOWN = 1.0

log = structlog.get_logger(__name__)


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
        self._by_slug: dict[str, Reportable] = {}
        self._read_at: float | None = None
        self._lock = Lock()

    def get(self, slug: str) -> Reportable | None:
        """The Service with this slug; None when there is none or it is no longer active.

        Raises:
            django.db.Error: when nothing was ever read and the database can't be asked.
        """
        self._refresh(FRESH_SECONDS)
        if slug not in self._by_slug:
            self._refresh(FRESH_SECONDS_FOR_UNKNOWN)
        return self._by_slug.get(slug)

    def slugs(self) -> list[str]:
        """All slugs, as last read."""
        return list(self._by_slug)

    def forget(self) -> None:
        """Read again at the next look."""
        self._read_at = None

    def _refresh(self, fresh_seconds: float) -> None:
        """Read when the copy is too old; only the first copy is worth waiting for."""
        read_at = self._read_at
        if read_at is not None and monotonic() - read_at < fresh_seconds:
            return
        if not self._lock.acquire(blocking=read_at is None):
            return
        try:
            if self._read_at == read_at:
                self._by_slug = _read()
                self._read_at = monotonic()
        except Error as error:
            if read_at is None:
                raise
            # Yesterday's catalogue is better than none; the next try is due in a while.
            log.warning("catalogue.read_failed", error=type(error).__name__)
            self._read_at = monotonic()
        finally:
            self._lock.release()


def _read() -> dict[str, Reportable]:
    types: dict[int, dict[str, int]] = {}
    for service, slug, number in ProblemType.objects.filter(is_active=True).values_list(
        "service_id", "slug", "id"
    ):
        types.setdefault(service, {})[slug] = number
    active = Service.objects.filter(is_active=True).order_by().values_list("id", "slug")
    return {slug: Reportable(number, slug, types.get(number, {})) for number, slug in active}


services = ServiceIndex()
