"""What goes out: receipts as JSON, and problems in the shape of RFC 9457."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

import msgspec
from rest_framework import exceptions, status

from reports.bans import BannedError
from reports.drafts import Receipt
from reports.problems import problem_body
from reports.submission import UnavailableError


class InvalidReport(exceptions.APIException):
    """A body that is JSON but makes no Report; `errors` says why, by field."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_detail = "Invalid report"
    default_code = "invalid_report"


class Unavailable(exceptions.APIException):
    """Nothing was acknowledged; `Retry-After` says when to try again."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_detail = "Not available"
    default_code = "unavailable"
    wait = UnavailableError.RETRY_SECONDS


UNAVAILABLE = "The report could not be stored now. Send it again: nobody is counted twice."


class ReceiptBody(msgspec.Struct, frozen=True):
    """The answer to one Report; `region` is null when no place is known."""

    id: UUID
    service: str
    region: str | None
    received_at: datetime


class LineAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer to one line of many: `id`, or the `problem` that stands against it."""

    line: int
    status: int
    id: UUID | None = None
    problem: Mapping[str, object] | None = None


_encoder = msgspec.json.Encoder()


def receipt(service: str, receipt: Receipt) -> bytes:
    """The JSON of a receipt; the time is ISO 8601 UTC with Z."""
    body = ReceiptBody(receipt.id, service, receipt.region or None, receipt.received_at)
    return _encoder.encode(body)


def lines(answers: list[LineAnswer]) -> bytes:
    """The answers to many lines, each on its own line (NDJSON)."""
    return _encoder.encode_lines(answers)


def banned(error: BannedError) -> str:
    """What a banned sender is told."""
    return f"Nothing is taken from this sender until {error.until:%Y-%m-%d %H:%M} UTC."


def line(number: int, outcome: Receipt | Exception) -> LineAnswer:
    """The answer to one line.

    Args:
        number: the line's, from 1.
        outcome: its receipt, InvalidReportError, BannedError or UnavailableError.
    """
    if isinstance(outcome, Receipt):
        return LineAnswer(number, status.HTTP_202_ACCEPTED, id=outcome.id)
    if isinstance(outcome, BannedError):
        forbidden = HTTPStatus.FORBIDDEN
        body = problem_body(forbidden, forbidden.phrase, banned(outcome))
        return LineAnswer(number, forbidden, problem=body)
    errors = getattr(outcome, "errors", None)
    kind: type[exceptions.APIException] = Unavailable if errors is None else InvalidReport
    title = HTTPStatus(kind.status_code).phrase
    body = problem_body(kind.status_code, title, errors or UNAVAILABLE)
    return LineAnswer(number, kind.status_code, problem=body)
