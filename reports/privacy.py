"""What is kept of a sender, and letting go of it on request.

Nobody here knows who sent what: a sender is a code, the day's keyed hash of their address, and the
key goes after two days. While it is there the sender can be told their code (`codes`), on a page
they open from the same network, and ask with it; who knows the id of a Report can ask with that,
too. Later nobody can tell whose a Report is, and there is nothing to ask for.

Letting go takes the words, the votes' and flags' codes, and puts random codes in the place of the
Reports'. The Reports themselves stay, because what they count is nobody's any more: counts,
baselines and outages remain what they were, and equal to a recount. It can't be undone.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from reports import clients, daily_keys, moderation, trail
from reports.fingerprint import SIZE, HashKeys, Sender
from reports.models import (
    Burst,
    Comment,
    CommentFlag,
    DailyKey,
    ModerationEntry,
    Report,
    SuggestionVoice,
    Vote,
)
from reports.models.moderation import Act
from reports.trail import Doing

# A random code a Report, so that nothing ties them together; one network for each Service, so that
# no crowd looks broader than it was.
CUT = """
WITH network AS (
    SELECT service_id, uuid_send(gen_random_uuid()) AS code
    FROM (SELECT DISTINCT service_id FROM reports_report WHERE fingerprint = %(code)s) AS one
)
UPDATE reports_report AS report
SET fingerprint = uuid_send(gen_random_uuid()), network = network.code
FROM network
WHERE report.fingerprint = %(code)s AND network.service_id = report.service_id
"""


class NoCodeError(ValueError):
    """A text that is neither a code nor the id of a Report that is kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """How much is kept under one code."""

    reports: int
    comments: int
    votes: int
    flags: int
    suggestions: int

    @property
    def is_nothing(self) -> bool:
        """Whether there is nothing to let go of."""
        return not any(asdict(self).values())


def codes(meta: Mapping[str, str], now: datetime) -> list[tuple[date, str]]:
    """A sender's codes of today and, if it had a key, of yesterday (UTC), the newest first.

    Args:
        meta: the request's WSGI environment; the address is read from it, hashed and forgotten.
        now: aware.
    """
    sender = Sender.of_address(clients.client_address(meta, settings.ENV.trusted_proxies))
    today = now.astimezone(UTC).date()
    found = [(today, daily_keys.at(now).of(sender).fingerprint.hex())]
    yesterday = today - timedelta(days=1)
    if DailyKey.objects.filter(day=yesterday).exists():
        keys = HashKeys(daily_keys.of_day(yesterday))
        found.append((yesterday, keys.of(sender).fingerprint.hex()))
    return found


def code_of(text: str) -> bytes:
    """The code that a text names: itself, in hexadecimal, or that of a Report by its id.

    Raises:
        NoCodeError: when it names none.
    """
    plain = text.strip().replace(" ", "").lower()
    if "-" in plain:
        return _code_of_report(plain)
    try:
        code = bytes.fromhex(plain)
    except ValueError as error:
        raise NoCodeError from error
    if len(code) != SIZE:
        raise NoCodeError
    return code


def kept(code: bytes) -> Kept:
    """How much is kept under a code. Five queries."""
    ids = _ids(code)
    return Kept(
        reports=len(ids),
        comments=Comment.objects.filter(id__in=ids).count(),
        votes=Vote.objects.filter(fingerprint=code).count(),
        flags=CommentFlag.objects.filter(fingerprint=code).count(),
        suggestions=SuggestionVoice.objects.filter(fingerprint=code).count(),
    )


def forget(code: bytes, doing: Doing) -> ModerationEntry:
    """Let go of what is kept under a code. Opens a transaction. The trail does not name the code.

    A ban of this sender goes on until it ends: it holds no more than its own hash.
    """
    with transaction.atomic():
        # No act of moderation may be looking at the same Reports.
        moderation.take_turn()
        ids, gone = _ids(code), kept(code)
        said = Comment.objects.filter(id__in=ids)
        Burst.objects.filter(example__in=said.values("text")).update(example="")
        said.delete()
        CommentFlag.objects.filter(comment__in=ids).delete()
        CommentFlag.objects.filter(fingerprint=code).delete()
        SuggestionVoice.objects.filter(fingerprint=code).delete()
        with connection.cursor() as cursor:
            # Django takes the window for this table's key: it might delete all votes of one.
            cursor.execute("DELETE FROM reports_vote WHERE fingerprint = %s", [code])
            cursor.execute(CUT, {"code": code})
        subject = ", ".join(f"{number} {what}" for what, number in asdict(gone).items() if number)
        return trail.write(
            Act.FORGET, subject or "nothing", doing, reports=gone.reports, before=asdict(gone)
        )


def _code_of_report(text: str) -> bytes:
    try:
        found = Report.objects.filter(id=UUID(text)).values_list("fingerprint", flat=True).first()
    except ValueError as error:
        raise NoCodeError from error
    if found is None:
        raise NoCodeError
    return bytes(found)


def _ids(code: bytes) -> list[UUID]:
    return list(Report.objects.filter(fingerprint=code).values_list("id", flat=True))
