"""Services by name: the catalogue's names, kept in memory for a while, and who matches."""

import time
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import QuerySet

from aggregator.search import normal, search
from reports.models import Service, ServiceAlias

KEPT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Names:
    """Pairs of a Service's slug and one of its names, in the form that `search` compares."""

    pairs: tuple[tuple[str, str], ...]


def slugs(asked: str, size: int) -> list[str]:
    """The slugs of the Services whose names answer best, best first. No query, two now and then.

    Args:
        asked: what somebody typed.
        size: at most so many.
    """
    return search(asked, _names(int(time.monotonic() // KEPT_SECONDS)).pairs, size)


def find(asked: str, services: QuerySet[Service], size: int) -> list[Service]:
    """Those of some Services whose names answer best, best first. One query, two now and then.

    Args:
        asked: what somebody typed.
        services: the Services to choose from.
        size: at most so many.
    """
    matches = slugs(asked, 2 * size)
    rows = {row.slug: row for row in services.filter(slug__in=matches)}
    return [rows[slug] for slug in matches if slug in rows][:size]


def forget() -> None:
    """Read the names anew at the next search."""
    _names.cache_clear()


@lru_cache(maxsize=1)
def _names(_period: int) -> Names:
    """All names of active Services; the number of the period makes the cache forget."""
    own = Service.objects.filter(is_active=True).values_list("slug", "name")
    aliases = ServiceAlias.objects.filter(service__is_active=True)
    known = {
        *((slug, normal(slug.replace("-", " "))) for slug, _ in own),
        *((slug, normal(name)) for slug, name in own),
        *((slug, normal(name)) for slug, name in aliases.values_list("service__slug", "name")),
    }
    return Names(tuple(sorted(known)))
