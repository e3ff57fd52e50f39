"""Comments as readers meet them: which are shown, and how a reader objects to one.

What moderators do with them is in `reports.moderation_comments`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import Error, transaction

from reports import bans, clients, daily_keys, turnstile
from reports.fingerprint import Hashes, Sender
from reports.models import Comment, CommentFlag, CommentState, HeldBecause
from reports.submission import UnavailableError

# So many flags hold a comment, each from another network: no network holds one alone.
FLAGS_TO_HOLD = 3
SHOWN_FOR = timedelta(days=1)


class UnknownCommentError(LookupError):
    """A flag for a comment that is not shown."""


@dataclass(frozen=True, slots=True)
class ShownComment:
    """A comment on its Service's page: the Report's id, Region code and instant, and the words."""

    id: UUID
    region: str
    received_at: datetime
    text: str


def recent(
    service_id: int, now: datetime, *, limit: int = 20, length: timedelta = SHOWN_FOR
) -> list[ShownComment]:
    """The newest shown comments of a Service, newest first. One query, whatever was reported.

    Args:
        service_id: the Service.
        now: aware.
        limit: how many at most.
        length: how old they may be.
    """
    rows = Comment.objects.filter(
        service_id=service_id,
        state=CommentState.SHOWN,
        received_at__gt=now - length,
        received_at__lte=now,
    ).order_by("-received_at")
    found = rows.values_list("id", "region_id", "received_at", "text")[:limit]
    return [ShownComment(*row) for row in found]


def flag(comment_id: UUID, slug: str, meta: Mapping[str, str], now: datetime) -> bool:
    """Note one reader's objection; the third of another network each holds the comment.

    A moderator's decision stands: flags change nothing after it. Opens a transaction.

    Args:
        comment_id: the comment's.
        slug: its Service's, as the page's address had it.
        meta: the request's WSGI environment (`HttpRequest.META`); the address is read from it,
            hashed and forgotten.
        now: aware.

    Returns:
        Whether it is new; False for a second flag of the same reader.

    Raises:
        UnknownCommentError: when there is no such comment on the Service's page.
        reports.bans.BannedError: when nothing is taken from this reader.
        reports.throttles.ThrottledError: when this reader did too much in this minute.
        UnavailableError: when it can't be stored now.
    """
    address = clients.client_address(meta, settings.ENV.trusted_proxies)
    try:
        sender = Sender.of_address(address)
        bans.check(sender, now)
        hashes = daily_keys.at(now).of(sender)
        turnstile.pass_one(hashes.fingerprint)
        return _flag(comment_id, slug, hashes, now)
    except Error as error:
        raise UnavailableError from error


@transaction.atomic
def _flag(comment_id: UUID, slug: str, hashes: Hashes, now: datetime) -> bool:
    # Locked, so that of two last flags at once the later one sees the earlier one's row.
    comment = (
        Comment.objects.select_for_update()
        .filter(id=comment_id, service__slug=slug, state=CommentState.SHOWN)
        .first()
    )
    if comment is None:
        raise UnknownCommentError(comment_id)
    flags = CommentFlag.objects.filter(comment=comment_id)
    if flags.filter(fingerprint__in=list(hashes.fingerprints())).exists():
        return False
    CommentFlag.objects.create(
        comment=comment_id, fingerprint=hashes.fingerprint, network=hashes.network, at=now
    )
    networks = flags.values("network").distinct().count()
    if networks >= FLAGS_TO_HOLD and comment.reviewed_at is None:
        Comment.objects.filter(id=comment_id, received_at=comment.received_at).update(
            state=CommentState.HELD, held_because=HeldBecause.FLAGS
        )
    return True
