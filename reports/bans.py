"""Bans: for hours or days nothing is taken from a reporter or a whole network.

A Report's hashes change at midnight UTC and nobody keeps addresses, so a ban that shall last has
to follow its sender by itself. It begins with the hash of a Report, under that day's key. When
the sender comes back on that day or the next (intake has both keys at hand), the ban takes over
the hash of the same sender under a key of its own, made for the bans of one day and gone with the
last of them. Who stays away for those two days is forgotten: the ban is then without effect, and
no key was kept longer than usual for it. In all of this no address is stored.

A banned sender is told so (403): an answer as if the Report were stored would be a lie to those
who share a network with whoever was meant, and whoever was meant sees the counts anyway.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from secrets import token_bytes
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Min, QuerySet

from reports import daily_keys, metrics, trail
from reports.copies import Copy
from reports.daily_keys import KEY_BYTES
from reports.fingerprint import HashKeys, Sender
from reports.models import Ban, ModerationEntry, Report
from reports.models.moderation import Act, BanKind
from reports.trail import Doing, NotUndoableError

log = structlog.get_logger(__name__)

FRESH_SECONDS = 5.0
LONGEST = timedelta(days=14)


class BannedError(Exception):
    """Nothing is taken from this sender."""

    def __init__(self, until: datetime) -> None:
        """Keep until when, aware."""
        super().__init__(until)
        self.until = until


@dataclass(frozen=True, slots=True)
class _Banned:
    """What a ban in force says: which row, and until when."""

    id: int
    until: datetime


class _InForce:
    """The bans in force, by the key that finds them: a few hashes a request, none without bans."""

    def __init__(self) -> None:
        self.by_day: dict[date, dict[bytes, _Banned]] = {}
        self.by_key: dict[bytes, dict[bytes, _Banned]] = {}
        now = datetime.now(UTC)
        for ban in Ban.objects.filter(until__gt=now, lifted_at=None):
            banned = _Banned(ban.pk, ban.until)
            if ban.own_hash is not None:
                self.by_key.setdefault(bytes(ban.key), {})[bytes(ban.own_hash)] = banned
            elif ban.day >= now.date() - timedelta(days=1):
                self.by_day.setdefault(ban.day, {})[bytes(ban.hash)] = banned


_in_force = Copy(_InForce, "bans")


def check(sender: Sender, now: datetime) -> None:
    """Let a sender pass who is not banned; a new ban holds some seconds later.

    Args:
        sender: whose request it is.
        now: aware.

    Raises:
        BannedError: when they are banned.
        django.db.Error: when the bans were never read and the database can't be asked.
    """
    known = _in_force.get(FRESH_SECONDS)
    for key, own in known.by_key.items():
        _meet(own, HashKeys(key), sender, now)
    for day, first in known.by_day.items():
        if day < now.astimezone(UTC).date() - timedelta(days=1):
            continue
        try:
            _meet(first, HashKeys(daily_keys.of_day(day)), sender, now)
        except BannedError:
            _follow(first, daily_keys.of_day(day), sender)
            raise


def ban(report_id: UUID, kind: BanKind, length: timedelta, doing: Doing) -> ModerationEntry:
    """Ban the sender of a Report, or their network. Opens a transaction.

    Args:
        report_id: one of their Reports.
        kind: whom.
        length: for how long, at most `LONGEST`.
        doing: who, why, when.

    Raises:
        ValueError: for a length that is none or too long.
        reports.models.Report.DoesNotExist: when it expired.
    """
    senders = senders_of(Report.objects.filter(id=report_id), kind)
    if not senders:
        raise Report.DoesNotExist
    return ban_hashes(senders, kind, length, doing)


def senders_of(reports: QuerySet[Report], kind: BanKind) -> dict[bytes, datetime]:
    """The hashes of who sent some Reports, or of their networks; when each was first seen."""
    hashed = "network" if kind == BanKind.NETWORK else "fingerprint"
    firsts = reports.values_list(hashed).annotate(first=Min("received_at"))
    return {bytes(one): first for one, first in firsts}


def ban_hashes(
    hashes: Mapping[bytes, datetime], kind: BanKind, length: timedelta, doing: Doing
) -> ModerationEntry:
    """Ban all those whom some hashes stand for, as one act. Opens a transaction.

    Args:
        hashes: each with the instant of a Report that carries it, which tells the day's key.
        kind: what they are hashes of.
        length: for how long, at most `LONGEST`.
        doing: who, why, when.

    Raises:
        ValueError: for a length that is none or too long.
    """
    if not timedelta(0) < length <= LONGEST:
        message = f"A ban lasts more than nothing and at most {LONGEST.days} days."
        raise ValueError(message)
    with transaction.atomic():
        made = [_ban(hashed, at, kind, length, doing) for hashed, at in hashes.items()]
        subject = str(made[0]) if len(made) == 1 else f"{kind.label}, {len(made)} times"
        subject += f" until {doing.now + length:%Y-%m-%d %H:%M} UTC"
        return trail.write(Act.BAN, subject, doing, before=_kept(made))


def lift(ban_id: int, doing: Doing) -> ModerationEntry:
    """End a ban now. Opens a transaction.

    Raises:
        NotUndoableError: when it ended before.
    """
    return _lift([ban_id], doing)


def undo(entry: ModerationEntry, doing: Doing) -> ModerationEntry:
    """Lift what an act banned, or put back what it lifted. Opens a transaction.

    Raises:
        NotUndoableError: when the act was another one, or the bans have ended by themselves.
        reports.trail.UndoneAlreadyError: when it was undone before.
    """
    if entry.act == Act.BAN:
        return _lift(entry.before["bans"], doing, undoes=entry)
    if entry.act != Act.UNBAN:
        raise NotUndoableError
    with transaction.atomic():
        lifted = Ban.objects.filter(pk__in=entry.before["bans"], lifted_at=entry.at)
        return _set_lifted(lifted, None, Act.BAN, doing, entry)


def forget_ended(now: datetime) -> int:
    """Delete bans that ended over a day ago, with their keys; the trail keeps the acts."""
    number, _ = Ban.objects.filter(until__lt=now - timedelta(days=1)).delete()
    return number


def forget() -> None:
    """Read the bans again at the next look."""
    _in_force.forget()


def _ban(hashed: bytes, at: datetime, kind: BanKind, length: timedelta, doing: Doing) -> Ban:
    day = at.astimezone(UTC).date()
    sibling = Ban.objects.filter(day=day, until__gt=doing.now).first()
    return Ban.objects.create(
        kind=kind,
        hash=hashed,
        day=day,
        key=sibling.key if sibling else token_bytes(KEY_BYTES),
        made_at=doing.now,
        until=doing.now + length,
        by=doing.by,
        reason=doing.reason,
    )


def _lift(
    ids: Sequence[int], doing: Doing, undoes: ModerationEntry | None = None
) -> ModerationEntry:
    with transaction.atomic():
        in_force = Ban.objects.filter(pk__in=ids, lifted_at=None)
        return _set_lifted(in_force, doing.now, Act.UNBAN, doing, undoes)


def _set_lifted(
    bans: QuerySet[Ban],
    at: datetime | None,
    act: Act,
    doing: Doing,
    undoes: ModerationEntry | None,
) -> ModerationEntry:
    """Lift bans that have not ended, or put them back; one entry for all."""
    found = list(bans.filter(until__gt=doing.now).order_by("pk").select_for_update())
    if not found:
        raise NotUndoableError
    Ban.objects.filter(pk__in=[one.pk for one in found]).update(lifted_at=at)
    subject = str(found[0]) if len(found) == 1 else f"{len(found)} bans"
    return trail.write(act, subject, doing, before=_kept(found), undoes=undoes)


def _kept(bans: Sequence[Ban]) -> dict[str, list[int]]:
    return {"bans": [one.pk for one in bans]}


def _meet(banned: dict[bytes, _Banned], keys: HashKeys, sender: Sender, now: datetime) -> None:
    hashes = keys.of(sender)
    for hashed in (hashes.fingerprint, hashes.network):
        found = banned.get(hashed)
        if found is not None and found.until > now:
            metrics.REPORTS_REFUSED.labels("banned").inc()
            raise BannedError(found.until)


def _follow(banned: dict[bytes, _Banned], day_key: bytes, sender: Sender) -> None:
    """Take down the sender's hash under the ban's own key, which outlives the day's."""
    hashes = HashKeys(day_key).of(sender)
    ids = [banned[one].id for one in (hashes.fingerprint, hashes.network) if one in banned]
    for ban in Ban.objects.filter(pk__in=ids, own_hash=None):
        own = HashKeys(bytes(ban.key)).of(sender)
        is_network = ban.kind == BanKind.NETWORK
        Ban.objects.filter(pk=ban.pk).update(
            own_hash=own.network if is_network else own.fingerprint
        )
    log.info("ban.followed", bans=len(ids))
