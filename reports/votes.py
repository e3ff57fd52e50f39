"""The verb behind "works for me": once a person and window, durable before the answer.

A vote is no Report: it opens nothing and closes nothing, it is a number beside the verdict. Its
row only keeps the same person from voting again; what readers see is counted in the same
statement, so that they never count rows.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from random import randrange

from django.conf import settings
from django.db import Error, IntegrityError, connection, transaction
from django.db.models import Sum

from reports import bans, clients, daily_keys, metrics, partitions, site_settings, turnstile
from reports.fingerprint import Sender
from reports.models import VoteCount
from reports.service_index import services
from reports.submission import UnavailableError

TABLE = "reports_vote"
# One row would make all voters of a Service wait for each other's commits.
SLOTS = 8
KEPT = timedelta(days=2)
KEPT_COUNTS = timedelta(days=30)

# Of two votes of one person in one window, the key lets one through. Over a window's edge the
# look at the window before does; two in the same instant there may both pass, and may.
CAST = """
WITH made AS (
    INSERT INTO reports_vote ("window", voted_at, service_id, fingerprint)
    SELECT %(window)s, %(now)s, %(service)s, %(fingerprint)s
    WHERE NOT EXISTS (
        SELECT FROM reports_vote
        WHERE "window" = ANY (%(windows)s) AND service_id = %(service)s
            AND fingerprint = ANY (%(fingerprints)s) AND voted_at > %(since)s
    )
    ON CONFLICT DO NOTHING
    RETURNING 1
)
INSERT INTO reports_votecount (service_id, minute, slot, count)
SELECT %(service)s, %(minute)s, %(slot)s, 1 FROM made
ON CONFLICT (service_id, minute, slot) DO UPDATE SET count = reports_votecount.count + 1
"""


class UnknownServiceError(LookupError):
    """A vote for a Service that there is not."""


def cast(slug: str, meta: Mapping[str, str], now: datetime) -> bool:
    """Store one person's "works for me"; durable when it returns. Opens a transaction.

    Args:
        slug: the Service's.
        meta: the request's WSGI environment (`HttpRequest.META`); the address is read from it,
            hashed and forgotten.
        now: when the server had it, aware, UTC.

    Returns:
        Whether it counts; False for a repeat inside the dedupe window.

    Raises:
        UnknownServiceError: for a Service that there is not.
        reports.bans.BannedError: when nothing is taken from this sender.
        reports.throttles.ThrottledError: when this sender sent too many, Reports included.
        UnavailableError: when it can't be made durable now.
    """
    try:
        service = services.get(slug)
        if service is None:
            raise UnknownServiceError(slug)
        address = clients.client_address(meta, settings.ENV.trusted_proxies)
        sender = Sender.of_address(address)
        bans.check(sender, now)
        hashes = daily_keys.at(now).of(sender)
        turnstile.pass_one(hashes.fingerprint)
        is_new = _stored(service.id, list(hashes.fingerprints()), now)
    except Error as error:
        raise UnavailableError from error
    metrics.VOTES.labels("new" if is_new else "repeat").inc()
    return is_new


def recent(service_id: int, now: datetime, length: timedelta = timedelta(hours=1)) -> int:
    """How many voted that a Service works, in the Minutes since an instant. One query."""
    rows = VoteCount.objects.filter(service_id=service_id, minute__gt=now - length)
    return rows.aggregate(total=Sum("count"))["total"] or 0


def keep_partitions(now: datetime) -> list[str]:
    """Make the days' partitions ahead of time, drop what is too old, its counts too.

    Returns:
        The names of the dropped partitions, oldest first.
    """
    VoteCount.objects.filter(minute__lt=now - KEPT_COUNTS).delete()
    partitions.ensure_ahead(TABLE, now)
    return partitions.drop_before(TABLE, (now - KEPT).astimezone(UTC).date())


def _stored(service_id: int, fingerprints: list[bytes], now: datetime) -> bool:
    """Write a vote; where its day has no partition yet, make it and write again."""
    try:
        return _write(service_id, fingerprints, now)
    except IntegrityError:
        partitions.ensure_ahead(TABLE, now)
        return _write(service_id, fingerprints, now)


def _write(service_id: int, fingerprints: list[bytes], now: datetime) -> bool:
    width = timedelta(minutes=site_settings.current().dedupe_window_minutes)
    window = _floor(now, width)
    values: dict[str, int | bytes | datetime | list[bytes] | list[datetime]] = {
        "window": window,
        "windows": [window, window - width],
        "now": now,
        "since": now - width,
        "service": service_id,
        "fingerprint": fingerprints[0],
        "fingerprints": fingerprints,
        "minute": _floor(now, timedelta(minutes=1)),
        "slot": randrange(SLOTS),  # noqa: S311 - spreads load, hides nothing
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(CAST, values)
        return bool(cursor.rowcount)


def _floor(at: datetime, width: timedelta) -> datetime:
    epoch = datetime(2000, 1, 1, tzinfo=UTC)
    return at.astimezone(UTC) - (at - epoch) % width
