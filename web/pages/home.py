"""`/`: what is wrong now, and everything else."""

from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from aggregator.models import Outage, ServiceStatus
from aggregator.models.picture import Verdict
from aggregator.selectors import names
from aggregator.selectors.outages import Standing, Wanted, outages
from aggregator.selectors.services import services_with_status
from reports.models import Service
from web.pages.answer import page
from web.wording import WORD, Usual

MOST_FOUND = 20
LONGEST_QUESTION = 80
BY_SHELF = ("category__position", "category__name", "name")
WORST_FIRST = [Verdict.MAJOR, Verdict.POSSIBLE]


@dataclass(frozen=True, slots=True)
class Row:
    """A Service in a list."""

    service: Service
    verdict: str
    word: object
    usual: Usual | None


@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """Open Outages, what is reported now, and all Services by Category; or what `q` finds."""
    asked = request.GET.get("q", "").strip()[:LONGEST_QUESTION]
    if asked:
        found = [row(one) for one in names.find(asked, services_with_status(), MOST_FOUND)]
        return page(request, "web/search.html", {"asked": asked, "found": found})
    rows = [row(one) for one in services_with_status().order_by(*BY_SHELF)]
    context = {
        "outages": open_outages(),
        "words": list(WORD.items()),
        "troubled": sorted(filter(_is_troubled, rows), key=_worst_first),
        "shelves": [
            (category, list(shelf))
            for category, shelf in groupby(rows, key=lambda one: one.service.category)
        ],
    }
    return page(request, "web/home.html", context)


def row(service: Service) -> Row:
    """A Service of `services_with_status()` as a list shows it."""
    status: ServiceStatus | None = getattr(service, "status", None)
    verdict = status.verdict if status else Verdict.UNKNOWN
    return Row(service, verdict, WORD[verdict], usual(status))


def usual(status: ServiceStatus | None) -> Usual | None:
    """The numbers of a status, where there is one."""
    if status is None:
        return None
    return Usual(status.observed, status.expected, status.low, status.high)


def open_outages() -> list[Outage]:
    """Outages that are not over, the latest first."""
    return list(outages(Wanted(state=Standing.OPEN)))


def _is_troubled(one: Row) -> bool:
    return one.verdict in WORST_FIRST


def _worst_first(one: Row) -> tuple[int, float]:
    times = one.usual.count / max(one.usual.expected, 1.0) if one.usual else 0.0
    return WORST_FIRST.index(Verdict(one.verdict)), -times
