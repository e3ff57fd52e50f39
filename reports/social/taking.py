"""Posts that say a Service fails, made Reports."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from reports import bans, daily_keys, metrics
from reports.copies import Copy
from reports.drafts import Draft, Receipt
from reports.fingerprint import Sender
from reports.geography import WORLD
from reports.models import Service, ServiceAlias
from reports.models.report import Channel, RegionSource
from reports.service_index import services
from reports.social import wording
from reports.social.posts import Post
from reports.writing import WriteError, Writing

FRESH_SECONDS = 60.0
# Posts of some minutes, after a connection is made anew; only those that name a Service are kept.
MOST_KEYS = 5_000


class Outcome(StrEnum):
    """What became of one message of a stream."""

    PASSED_OVER = "passed_over"
    LATE = "late"
    AGAIN = "again"
    BANNED = "banned"
    REPEAT = "repeat"
    NEW = "new"


class LostError(Exception):
    """A Post's Reports could not be stored."""


def _read() -> wording.Reader:
    names = list(Service.objects.filter(is_active=True).values_list("name", "slug"))
    aliases = ServiceAlias.objects.filter(service__is_active=True)
    names += aliases.values_list("name", "service__slug")
    return wording.Reader(names, wording.phrases())


_reader = Copy(_read, "names")


def forget() -> None:
    """Read the catalogue's names again at the next look."""
    _reader.forget()


class Taker:
    """Takes Posts by a connection of its own to the database. For one thread."""

    def __init__(self) -> None:
        """Connect at the first Report only."""
        self._writing = Writing()
        self._seen: OrderedDict[str, None] = OrderedDict()

    def take(self, post: Post, now: datetime) -> Outcome:
        """Make a Report of each Service that a Post says is failing; what became of it.

        Args:
            post: read once, and forgotten.
            now: when it came, aware, UTC.

        Raises:
            LostError: when a Report can't be stored now; taking the Post again does no harm.
            django.db.Error: when the catalogue, keys or bans can't be read.
        """
        failing = _reader.get(FRESH_SECONDS).services(post.text, post.languages)
        known = [found for slug in sorted(failing) if (found := services.get(slug))]
        if not known:
            return Outcome.PASSED_OVER
        if post.key in self._seen:
            return Outcome.AGAIN
        sender = Sender.of_author(post.author)
        try:
            bans.check(sender, now)
        except bans.BannedError:
            return Outcome.BANNED
        hashes = daily_keys.at(now).of(sender)
        outcome = self._store(
            [
                Draft(
                    service_id=one.id,
                    problem_type_id=None,
                    region=WORLD,
                    region_source=RegionSource.NONE,
                    hashes=hashes,
                    channel=Channel.SOCIAL,
                    comment="",
                    received_at=now,
                )
                for one in known
            ]
        )
        self._remember(post.key)
        return outcome

    def close(self) -> None:
        """Give up the connection."""
        self._writing.close()

    def _store(self, drafts: Sequence[Draft]) -> Outcome:
        receipts = self._writing.write(drafts)
        lost = [one for one in receipts if isinstance(one, WriteError)]
        if lost:
            raise LostError from lost[0]
        new = [one for one in receipts if isinstance(one, Receipt) and not one.is_repeat]
        accepted = metrics.REPORTS_ACCEPTED.labels
        accepted(Channel.SOCIAL.value, "new").inc(len(new))
        accepted(Channel.SOCIAL.value, "repeat").inc(len(receipts) - len(new))
        return Outcome.NEW if new else Outcome.REPEAT

    def _remember(self, key: str) -> None:
        self._seen[key] = None
        if len(self._seen) > MOST_KEYS:
            self._seen.popitem(last=False)
