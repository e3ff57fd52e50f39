"""`POST /api/v1/reports`: one person's Report."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import APIView

from reports import intake
from reports.api import answers, bodies, schema
from reports.bans import BannedError
from reports.models.report import Channel
from reports.submission import UnavailableError
from reports.throttles import ThrottledError

LIMIT_BYTES = 16_384


class ReportView(APIView):
    """Takes one Report."""

    @extend_schema(
        operation_id="send_report",
        summary="Say that a service fails for you",
        request=schema.ReportRequest,
        responses={202: schema.Receipt, **schema.problems(400, 403, 413, 415, 422, 429, 503)},
        tags=["reports"],
    )
    def post(self, request: Request) -> HttpResponse:
        """Take one person's statement that a service fails for them.

        The answer comes once the report is durable. A repeat by the same person within the hour
        is answered with the first report's id and is not counted again.
        """
        return send(request._request)  # noqa: SLF001 - DRF's way to the request as Django has it


def send(request: HttpRequest) -> HttpResponse:
    """Read, store and answer one Report.

    Raises:
        rest_framework.exceptions.APIException: for whatever is not 202.
    """
    now = datetime.now(UTC)
    body = bodies.read(request, LIMIT_BYTES, ("application/json",))
    try:
        statement = bodies.report(body)
        receipt = intake.receive(statement, request.META, channel=Channel.API, now=now)
    except intake.InvalidReportError as error:
        raise answers.InvalidReport(error.errors) from error
    except BannedError as error:
        raise exceptions.PermissionDenied(answers.banned(error)) from error
    except ThrottledError as error:
        raise exceptions.Throttled(error.wait) from error
    except UnavailableError as error:
        raise answers.Unavailable(answers.UNAVAILABLE) from error
    return HttpResponse(
        answers.receipt(statement.service, receipt), status=202, content_type="application/json"
    )
