"""Reads of Outages."""

from datetime import datetime
from http import HTTPStatus

from django.urls import reverse
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from aggregator.api.reading import ReadView, listing, question
from aggregator.api.schema import describe, list_of
from aggregator.api.services import known_region
from aggregator.api.shapes import AboutOutages, Nothing
from aggregator.outage_json import OutageDetail, OutageDocument, with_events
from aggregator.selectors.outages import (
    NEWEST_FIRST,
    Wanted,
    documents,
    joined_into,
    moves,
    notes,
    outages,
)
from aggregator.selectors.spans import BadSpanError, utc
from reports.models import Category, Service


class OutagesView(ReadView):
    """All Outages."""

    @describe(
        "list_outages",
        "Outages, now and before",
        list_of(OutageDocument, "OutageList"),
        AboutOutages,
        missing=False,
    )
    def get(self, request: Request) -> Response:
        """The latest first; a retracted one stays, with the time it was retracted at."""
        asked = question(request, AboutOutages)
        _check_names(asked)
        known_region(asked.region)
        wanted = Wanted(
            service=asked.service,
            category=asked.category,
            region=asked.region,
            state=asked.state,
            since=_utc("from", asked.since),
            until=_utc("to", asked.until),
        )
        return listing(request, outages(wanted), NEWEST_FIRST, asked, documents)


class OutageView(ReadView):
    """One Outage."""

    @describe("get_outage", "One outage, and why it was raised", OutageDetail, Nothing)
    def get(self, request: Request, outage_id: int) -> Response:
        """One episode of one Service with all its moves; its id and address never change.

        Where moderators found two to be one, the address of the later leads to the earlier.
        """
        question(request, Nothing)
        found = documents(outages(Wanted()).filter(pk=outage_id)[:1])
        if not found:
            whole = joined_into(outage_id)
            if whole is not None:
                address = reverse("api-outage", args=[whole])
                return Response(status=HTTPStatus.MOVED_PERMANENTLY, headers={"Location": address})
            raise NotFound(f"No outage has the id {outage_id}.")
        return Response(with_events(found[0], moves(outage_id), notes(outage_id)))


def _utc(parameter: str, at: datetime | None) -> datetime | None:
    try:
        return utc(at) if at else None
    except BadSpanError as error:
        raise ValidationError({parameter: str(error)}) from error


def _check_names(asked: AboutOutages) -> None:
    """Refuse slugs that nothing has: an empty list would look like good news.

    Raises:
        ValidationError: by the parameter's name.
    """
    if asked.service and not Service.objects.filter(slug=asked.service).exists():
        raise ValidationError({"service": "No service has this slug."})
    if asked.category and not Category.objects.filter(slug=asked.category).exists():
        raise ValidationError({"category": "No category has this slug."})
