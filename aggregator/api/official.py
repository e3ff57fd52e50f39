"""Reads of what vendors say themselves, and of how long they took to say it."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from aggregator.api.catalogue import BY_SLUG, known
from aggregator.api.reading import ReadView, listing, question
from aggregator.api.schema import describe, list_of
from aggregator.api.shapes import Nothing, Paged
from aggregator.selectors import leads, official


class OfficialView(ReadView):
    """One vendor."""

    @describe("get_official", "The vendor's own word", official.OfficialNow, Nothing)
    def get(self, request: Request, slug: str) -> Response:
        """What the vendor's own page says now, whether it can be believed, and how it did so far.

        404 for a service whose vendor has no page that is read.
        """
        question(request, Nothing)
        row = known(official.watched_services(), slug)
        return Response(official.official_now(row, timezone.now()))


class LeadsView(ReadView):
    """All vendors."""

    max_age = 300

    @describe(
        "list_leads",
        "Who says it first, crowd or vendor",
        list_of(leads.LeadRecord, "LeadList"),
        Paged,
        missing=False,
    )
    def get(self, request: Request) -> Response:
        """How crowd and vendor compared over the last year, by service, also where we were late.

        Leads are minutes from our confirmation to the vendor's first public acknowledgement.
        """
        now = timezone.now()
        return listing(
            request,
            official.watched_services(),
            BY_SLUG,
            question(request, Paged),
            lambda found: leads.records(found, now),
        )
