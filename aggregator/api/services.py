"""Reads about one Service: over time, by Region, by problem type."""

from typing import Annotated

from django.utils import timezone
from msgspec import Meta
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from aggregator.api.catalogue import known
from aggregator.api.reading import ReadView, listing, question
from aggregator.api.schema import describe, list_of
from aggregator.api.shapes import AboutPlaces, AboutProblems, AboutSeries, Listing, Nothing
from aggregator.selectors.kin import Kin, kin
from aggregator.selectors.pages import Order
from aggregator.selectors.places import PlaceNow, place_now, places
from aggregator.selectors.problems import LENGTH, ProblemNow, problems
from aggregator.selectors.series import Series, minutes_kept_from, series
from aggregator.selectors.services import active_services
from aggregator.selectors.spans import BadSpanError, span
from aggregator.selectors.values import RegionCode
from reports.models import Region

BY_COUNT = Order(
    ("-published", "region_id"), tuple[Annotated[int, Meta(ge=0, lt=2**31)], RegionCode]
)


class SeriesView(ReadView):
    """Reports over time."""

    @describe("get_series", "Reports over time", Series, AboutSeries)
    def get(self, request: Request, slug: str) -> Response:
        """Whole buckets that touch the span asked for, worldwide or of one Region, oldest first.

        Missing buckets are 0. What was expected is known worldwide, for buckets of a quarter-hour
        or more. Counts below 5 in a Region are not published: `count` is null, `fewer_than` is 5.
        """
        asked = question(request, AboutSeries)
        now = timezone.now()
        try:
            wanted = span(asked.step, now, start=asked.since, end=asked.until)
            minutes_kept_from(wanted, now)
        except BadSpanError as error:
            raise ValidationError({"from": str(error)}) from error
        region = known_region(asked.region)
        return Response(series(known(active_services(), slug), wanted, region))


class PlacesView(ReadView):
    """Where a Service is reported."""

    @describe(
        "list_service_regions",
        "Reports by region",
        list_of(PlaceNow, "ServiceRegionList"),
        AboutPlaces,
    )
    def get(self, request: Request, slug: str) -> Response:
        """The Regions of a Service's Reports in the last hour, the most reported first.

        Counts below 5 are not published: `count` is null, `fewer_than` is 5, and they come last,
        by code. Reports without a known place are in none of them.
        """
        asked = question(request, AboutPlaces)
        rows = places(known(active_services(), slug).pk, kind=asked.kind, parent=asked.parent)
        return listing(request, rows, BY_COUNT, asked, lambda found: list(map(place_now, found)))


class ProblemsView(ReadView):
    """What is wrong."""

    @describe(
        "list_service_problem_types",
        "Reports by problem type",
        list_of(ProblemNow, "ServiceProblemTypeList"),
        AboutProblems,
    )
    def get(self, request: Request, slug: str) -> Response:
        """What the Reports of the last hour or day say is wrong, the most frequent first.

        All are on one page. Counts below 5 in a Region are not published.
        """
        asked = question(request, AboutProblems)
        region = known_region(asked.region)
        since = timezone.now() - LENGTH[asked.look]
        found = problems(known(active_services(), slug).pk, since, region)
        return Response(Listing(next=None, previous=None, results=found))


class KinView(ReadView):
    """What fails together."""

    max_age = 300

    @describe(
        "list_service_kin",
        "Services that often fail together with it",
        list_of(Kin, "ServiceKinList"),
        Nothing,
    )
    def get(self, request: Request, slug: str) -> Response:
        """The Services whose outages of the last year began near its own ones, the closest first.

        Only where chance does not explain it; that one is the other's cause is not said. All are
        on one page.
        """
        question(request, Nothing)
        found = kin(known(active_services(), slug).pk, timezone.now())
        return Response(Listing(next=None, previous=None, results=found))


def known_region(code: str | None) -> str:
    """The code of a Region that exists; empty for the world.

    Raises:
        ValidationError: when there is none of this code.
    """
    if code and not Region.objects.filter(code=code).exists():
        raise ValidationError({"region": "No region has this code."})
    return code or ""
