"""What happens to a Report on its way in: hash, check, place, submit.

The API and the page's form both come through `receive`; bulk senders through `receive_many`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import Error
from rapidfuzz import process

from reports import bans, clients, daily_keys, holding, metrics, submission, words
from reports.bans import BannedError
from reports.drafts import Draft, Receipt
from reports.fingerprint import Hashes, HashKeys, Sender
from reports.geography import WORLD, UnknownRegionError
from reports.locate import Clues, NetworkRegions, Place, locate
from reports.models.report import Channel, RegionSource
from reports.outlines import Position
from reports.service_index import services
from reports.submission import UnavailableError

LONGEST_COMMENT = 500
LONGEST_SLUG = 80
# How near a slug must come to be offered instead, of 100.
NEAR = 70
# Control characters (Unicode Cc) say nothing to a reader; line breaks and tabs do.
_CONTROL = re.compile(r"[\x01-\x08\x0b-\x1f\x7f-\x9f]")

# A file that can't be read stops the start, not each request.
_networks = NetworkRegions(settings.ENV.mmdb_path) if settings.ENV.mmdb_path else None


class InvalidReportError(Exception):
    """A statement that no Report can be made of."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        """Keep what is wrong by field."""
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True)
class Statement:
    """What somebody says, as they said it: slugs, and a Region's code or name."""

    service: str
    problem_type: str = ""
    region: str = ""
    position: Position | None = None
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One statement of a bulk sender, with the names it gives to the person and their network."""

    statement: Statement
    reporter: str = ""
    network: str = ""


def receive(
    statement: Statement, meta: Mapping[str, str], *, channel: Channel, now: datetime
) -> Receipt:
    """Store one person's statement; blocks until it is durable.

    Args:
        statement: what they said.
        meta: the request's WSGI environment (`HttpRequest.META`); their address and languages
            are read from it and forgotten.
        channel: the way it came.
        now: when the server had it, aware, UTC.

    Raises:
        InvalidReportError: when a field is wrong.
        reports.bans.BannedError: when nothing is taken from this sender.
        reports.throttles.ThrottledError: when this sender sent too many.
        UnavailableError: when it can't be made durable now.
    """
    address = clients.client_address(meta, settings.ENV.trusted_proxies)
    try:
        sender = Sender.of_address(address)
        bans.check(sender, now)
        hashes = daily_keys.at(now).of(sender)
        clues = Clues(
            region=statement.region,
            position=statement.position,
            address=str(address) if _networks else "",
            accept_language=meta.get("HTTP_ACCEPT_LANGUAGE", ""),
        )
        draft = _draft(statement, clues, hashes, channel=channel, now=now)
    except Error as error:
        raise UnavailableError from error
    receipt = submission.submit(draft)
    _count(receipt, channel)
    return receipt


def place_of(meta: Mapping[str, str], position: Position | None = None) -> Place:
    """Where a Report of this sender would be placed if they named no Region; nothing is kept.

    Args:
        meta: the request's WSGI environment (`HttpRequest.META`).
        position: where they say they are.
    """
    address = clients.client_address(meta, settings.ENV.trusted_proxies) if _networks else ""
    clues = Clues(
        position=position,
        address=str(address),
        accept_language=meta.get("HTTP_ACCEPT_LANGUAGE", ""),
    )
    return locate(clues, _networks)


def receive_many(
    lines: Sequence[Line | InvalidReportError], key_id: int, now: datetime
) -> list[Receipt | InvalidReportError | BannedError | UnavailableError]:
    """Store the statements of a bulk sender; the good ones also when others are wrong.

    Args:
        lines: what was sent; a line that is already known to be wrong is handed through.
        key_id: the sender's ApiKey.
        now: when the server had them, aware, UTC.

    Returns:
        For each line, in their order, its receipt or what stands against it.

    Raises:
        UnavailableError: when none of them can be stored now.
    """
    try:
        keys = daily_keys.at(now)
        outcomes = [_bulk_draft(line, keys, key_id, now) for line in lines]
    except Error as error:
        raise UnavailableError from error
    stored = iter(submission.submit_many([one for one in outcomes if isinstance(one, Draft)]))
    answers = [next(stored) if isinstance(one, Draft) else one for one in outcomes]
    for answer in answers:
        if isinstance(answer, Receipt):
            _count(answer, Channel.BULK)
    return answers


def _bulk_draft(
    line: Line | InvalidReportError, keys: HashKeys, key_id: int, now: datetime
) -> Draft | InvalidReportError | BannedError:
    if isinstance(line, InvalidReportError):
        return line
    statement = line.statement
    sender = Sender.of_key_holder(key_id, line.reporter, line.network)
    # The sender's own address and languages say nothing of where its reporters are.
    clues = Clues(region=statement.region, position=statement.position)
    try:
        bans.check(sender, now)
        return _draft(statement, clues, keys.of(sender), channel=Channel.BULK, now=now)
    except (InvalidReportError, BannedError) as error:
        return error


def _draft(
    statement: Statement, clues: Clues, hashes: Hashes, *, channel: Channel, now: datetime
) -> Draft:
    """A statement with everything it names looked up.

    Raises:
        InvalidReportError: with all fields that are wrong.
        django.db.Error: when the catalogue can't be read.
    """
    errors: dict[str, str] = {}
    service = services.get(statement.service)
    problem_type_id = None
    if service is None:
        errors["service"] = _unknown("service", statement.service, services.slugs())
    elif statement.problem_type:
        problem_type_id = service.problem_types.get(statement.problem_type)
        if problem_type_id is None:
            known = list(service.problem_types)
            errors["problem_type"] = _unknown("problem type", statement.problem_type, known)
    place = Place(WORLD, RegionSource.NONE)
    try:
        place = locate(clues, _networks)
    except UnknownRegionError as error:
        errors["region"] = str(error)
    comment = _CONTROL.sub("", statement.comment).strip()
    if len(comment) > LONGEST_COMMENT:
        errors["comment"] = f"at most {LONGEST_COMMENT} characters, not {len(comment)}"
    elif "\0" in comment:
        errors["comment"] = "no NUL characters"
    if errors or service is None:
        raise InvalidReportError(errors)
    return Draft(
        service_id=service.id,
        problem_type_id=problem_type_id,
        region=place.region,
        region_source=place.source,
        hashes=hashes,
        channel=channel,
        comment=comment,
        received_at=now,
        held_because=comment and holding.why_held(comment, words.listed(), place.region[:2]),
    )


def _unknown(what: str, slug: str, known: Sequence[str]) -> str:
    near = process.extractOne(slug[:LONGEST_SLUG], known, score_cutoff=NEAR)
    return f"unknown {what}" + (f'; did you mean "{near[0]}"?' if near else "")


def _count(receipt: Receipt, channel: Channel) -> None:
    outcome = "repeat" if receipt.is_repeat else "new"
    metrics.REPORTS_ACCEPTED.labels(channel.value, outcome).inc()
