"""`POST /api/v1/reports/bulk`: many Reports of a sender with a key."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from reports import intake
from reports.api import answers, bodies, keys, schema
from reports.models.access import Scope
from reports.submission import UnavailableError

LIMIT_BYTES = 1_000_000
LIMIT_LINES = 1_000
NDJSON = "application/x-ndjson"
MEDIA_TYPES = (NDJSON, "application/ndjson", "application/jsonl", "application/json")


class BulkView(APIView):
    """Takes up to a thousand Reports."""

    def get_authenticate_header(self, request: Request) -> str:  # noqa: ARG002 - DRF's signature
        """How to identify oneself (RFC 6750); without it, DRF answers 403 instead of 401."""
        return "Bearer"

    @extend_schema(
        operation_id="send_reports",
        summary="Send many reports at once",
        request={
            NDJSON: schema.BulkLine,
            "application/json": schema.BulkLine(many=True),
        },
        responses={
            (200, NDJSON): OpenApiResponse(schema.BulkAnswer, "One answer a line, in order."),
            **schema.problems(400, 401, 403, 413, 415, 429, 503),
        },
        auth=[{"bearer": []}],  # type: ignore[list-item]  # it takes what OpenAPI does
        tags=["reports"],
    )
    def post(self, request: Request) -> HttpResponse:
        """Take many people's statements from a sender with a key (`Authorization: Bearer …`).

        At most 1,000 lines or array elements and 1 MB. Each line is answered on its own line with
        its number, a status, and the report's `id` or the `problem` that stands against it; good
        lines are stored even when others are bad. The time is always the server's.
        """
        return send(request._request)  # noqa: SLF001 - DRF's way to the request as Django has it


def send(request: HttpRequest) -> HttpResponse:
    """Read, store and answer many Reports.

    Raises:
        rest_framework.exceptions.APIException: when none of them was looked at or stored.
    """
    now = datetime.now(UTC)
    key = keys.holder(request, Scope.REPORT, now)
    numbered = _lines(bodies.read(request, LIMIT_BYTES, MEDIA_TYPES), request.content_type or "")
    if len(numbered) > LIMIT_LINES:
        detail = f"At most {LIMIT_LINES} lines."
        raise bodies.BodyTooLargeError(detail)
    try:
        outcomes = intake.receive_many([bodies.line(text) for _, text in numbered], key.pk, now)
    except UnavailableError as error:
        raise answers.Unavailable(answers.UNAVAILABLE) from error
    told = [
        answers.line(number, outcome)
        for (number, _), outcome in zip(numbered, outcomes, strict=True)
    ]
    return HttpResponse(answers.lines(told), content_type=NDJSON)


def _lines(body: bytes, media_type: str) -> list[tuple[int, bytes]]:
    """The lines that hold something, with their numbers from 1."""
    parts = bodies.elements(body) if media_type == "application/json" else body.split(b"\n")
    return [(number, part) for number, part in enumerate(parts, start=1) if part.strip()]
