"""Reads of the catalogue: Services, Categories, Regions."""

from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from aggregator.api.reading import ReadView, listing, question
from aggregator.api.schema import describe, list_of
from aggregator.api.shapes import AboutRegions, AboutServices, Listing, Nothing, Paged
from aggregator.selectors import catalogue, names
from aggregator.selectors import services as select
from aggregator.selectors.pages import Order
from aggregator.selectors.values import RegionCode, Slug
from reports.models import Service

BY_SLUG = Order(("slug",), tuple[Slug])
BY_CODE = Order(("code",), tuple[RegionCode])


class ServicesView(ReadView):
    """All Services."""

    @describe(
        "list_services",
        "Services and how they are now",
        list_of(select.ServiceNow, "ServiceList"),
        AboutServices,
        missing=False,
    )
    def get(self, request: Request) -> Response:
        """All Services by slug, with what is known of each now; with `q`, the best matches."""
        asked = question(request, AboutServices)
        rows = select.services(category=asked.category, verdict=asked.verdict)
        if asked.q is None:
            return listing(
                request, rows, BY_SLUG, asked, lambda found: list(map(select.service_now, found))
            )
        found = names.find(asked.q, rows, asked.page_size)
        results = [select.service_now(row) for row in found]
        return Response(Listing(next=None, previous=None, results=results))


class ServiceView(ReadView):
    """One Service."""

    @describe("get_service", "One service", select.ServiceDetail, Nothing)
    def get(self, request: Request, slug: str) -> Response:
        """How the Service is now, and what a Report of it may name."""
        question(request, Nothing)
        found = known(select.services_in_detail(), slug)
        return Response(select.service_detail(found, timezone.now()))


class CategoriesView(ReadView):
    """The shelves of the catalogue."""

    max_age = 300

    @describe(
        "list_categories",
        "Categories of services",
        list_of(catalogue.CategoryEntry, "CategoryList"),
        Paged,
        missing=False,
    )
    def get(self, request: Request) -> Response:
        """The shelves of the catalogue by slug, with how many Services each holds."""
        return listing(
            request,
            catalogue.categories(),
            BY_SLUG,
            question(request, Paged),
            lambda found: list(map(catalogue.category_entry, found)),
        )


class RegionsView(ReadView):
    """The tree of Regions."""

    max_age = 3600

    @describe(
        "list_regions",
        "Countries and subdivisions",
        list_of(catalogue.RegionEntry, "RegionList"),
        AboutRegions,
        missing=False,
    )
    def get(self, request: Request) -> Response:
        """Countries (ISO 3166-1) and their subdivisions (ISO 3166-2) by code."""
        asked = question(request, AboutRegions)
        return listing(
            request,
            catalogue.regions(kind=asked.kind, parent=asked.parent),
            BY_CODE,
            asked,
            lambda found: list(map(catalogue.region_entry, found)),
        )


def known(services: QuerySet[Service], slug: str) -> Service:
    """The Service of a slug among some.

    Raises:
        NotFound: when there is none.
    """
    try:
        return services.get(slug=slug)
    except Service.DoesNotExist:
        raise NotFound(f"No service has the slug {slug}.") from None
