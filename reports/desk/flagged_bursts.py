"""Flagged bursts in the queue."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models import QuerySet
from django.urls import reverse

from reports import bans, bursts, moderation_jobs
from reports.desk.kinds import ACCEPT, BAN, REJECT, Deed, Kind, Row, Sentence
from reports.models import Burst
from reports.models.moderation import BanKind, BurstKind, BurstState
from reports.trail import Doing, NotUndoableError


def reject(burst: Burst, doing: Doing) -> None:
    """Have all Reports of a burst rejected in the background."""
    moderation_jobs.start(bursts.selection_of(burst), doing, burst=burst)


def ban_networks(burst: Burst, length: timedelta, doing: Doing) -> int:
    """Ban every network that a burst came from; how many there are."""
    if senders := bans.senders_of(bursts.reports_of(burst), BanKind.NETWORK):
        bans.ban_hashes(senders, BanKind.NETWORK, length, doing)
    return len(senders)


def _open() -> QuerySet[Burst]:
    return Burst.objects.filter(state=BurstState.OPEN)


def _number() -> int:
    return _open().count()


def _waiting(first: int, limit: int) -> list[Row]:
    rows = _open().select_related("service").order_by("-reports", "-id")
    return [_row(burst) for burst in rows[first : first + limit]]


def _row(burst: Burst) -> Row:
    facts = [
        f"{burst.since:%H:%M} to {burst.until:%H:%M} UTC",
        f"at most {burst.peak:,} a minute",
    ]
    if burst.kind == BurstKind.NETWORKS:
        facts.insert(0, f"{len(burst.networks)} networks")
    return Row(
        key=str(burst.pk),
        at=burst.found_at,
        service=burst.service.name,
        why=f"{burst.reports:,} reports: {burst.get_kind_display()}",
        text=burst.example,
        facts=facts,
        url=reverse("admin:burst", args=[burst.pk]),
    )


def _dismiss(keys: Sequence[str], doing: Doing, _sentence: Sentence) -> int:
    settled = 0
    for key in keys:
        try:
            bursts.dismiss(int(key), doing)
        except NotUndoableError:
            continue
        settled += 1
    return settled


def _reject(keys: Sequence[str], doing: Doing, _sentence: Sentence) -> int:
    chosen = _open().filter(pk__in=[int(key) for key in keys])
    for burst in chosen:
        reject(burst, doing)
    return len(chosen)


def _ban(keys: Sequence[str], doing: Doing, sentence: Sentence) -> int:
    for burst in _open().filter(pk__in=[int(key) for key in keys]):
        ban_networks(burst, sentence.length, doing)
    return _reject(keys, doing, sentence)


FLAGGED_BURSTS = Kind(
    name="burst",
    title="Bursts",
    number=_number,
    waiting=_waiting,
    deeds={
        ACCEPT: Deed("It is honest", _dismiss),
        REJECT: Deed("Reject all", _reject),
        BAN: Deed("Reject and ban networks", _ban),
    },
)
