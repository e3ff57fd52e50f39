"""Services that people miss: asked for by anybody, accepted or declined by the staff."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Lower

from reports import bans, catalogue_acts, clients, daily_keys, trail, turnstile
from reports.catalogue_file import LONGEST_SLUG, ProblemTypeEntry, ServiceEntry
from reports.fingerprint import Hashes, Sender
from reports.models import (
    Category,
    ModerationEntry,
    ProblemType,
    Service,
    ServiceAlias,
    ServiceSuggestion,
    SuggestionState,
    SuggestionVoice,
)
from reports.models.moderation import Act
from reports.submission import UnavailableError
from reports.trail import Doing, NotUndoableError

# What nobody asked for again in this time is forgotten, unless it was accepted.
KEPT = timedelta(days=180)
# A flood of made-up names must not fill the table; the staff see the first ones either way.
MOST_OPEN = 2_000
MOST_KINDS = 6
_NO_SLUG = re.compile(r"[^a-z0-9]+")


class OnSiteError(Exception):
    """The site has this Service already."""

    def __init__(self, slug: str) -> None:
        """Keep which."""
        super().__init__(slug)
        self.slug = slug


class NoNameError(ValueError):
    """A name without a letter or digit."""


class DecidedError(Exception):
    """Somebody decided on this suggestion before."""


def key_of(name: str) -> str:
    """What is the same for all spellings of a name; empty for one without letters and digits.

    >>> key_of(" Télé 2"), key_of("tele2"), key_of("TELE-2")
    ('tele2', 'tele2', 'tele2')
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in plain if letter.isalnum())


def suggest(name: str, homepage: str, meta: Mapping[str, str], now: datetime) -> bool:
    """Note that somebody misses a Service. Opens a transaction.

    Args:
        name: as they wrote it.
        homepage: its address, checked; empty when not given.
        meta: the request's WSGI environment; the address is read from it, hashed and forgotten.
        now: aware.

    Returns:
        Whether it counted; False when the same person asked before.

    Raises:
        NoNameError: when there is nothing to call it.
        OnSiteError: when the site has it.
        reports.bans.BannedError: when nothing is taken from this sender.
        reports.throttles.ThrottledError: when this sender did too much in this minute.
        UnavailableError: when it can't be stored now, or too many wait.
    """
    if not (key := key_of(name)):
        raise NoNameError
    try:
        if found := _on_site(name, key):
            raise OnSiteError(found)
        sender = Sender.of_address(clients.client_address(meta, settings.ENV.trusted_proxies))
        bans.check(sender, now)
        hashes = daily_keys.at(now).of(sender)
        turnstile.pass_one(hashes.fingerprint)
        return _note(key, {"name": name.strip(), "homepage": homepage}, hashes, now)
    except Error as error:
        raise UnavailableError from error


def waiting() -> QuerySet[ServiceSuggestion]:
    """Those that nobody decided on, the most wanted first."""
    return ServiceSuggestion.objects.filter(state=SuggestionState.OPEN)


def accept(suggestion_id: int, service_id: int | None, doing: Doing) -> ModerationEntry:
    """Take a suggestion: as a Service that is there, or as a new hidden one. Opens a transaction.

    Args:
        suggestion_id: which.
        service_id: the Service that it means; None makes a draft, to be finished and shown.
        doing: who, why, when.

    Raises:
        DecidedError: when it does not wait any more.
        reports.catalogue_acts.RefusedError: when a Service of that name is there.
    """
    with transaction.atomic():
        found = _open(suggestion_id)
        service = Service.objects.get(pk=service_id) if service_id else _draft(found, doing)
        return _decide(found, SuggestionState.ACCEPTED, service, doing)


def decline(suggestion_id: int, doing: Doing) -> ModerationEntry:
    """Refuse a suggestion; it stays refused however many ask again. Opens a transaction.

    Raises:
        DecidedError: when it does not wait any more.
    """
    with transaction.atomic():
        return _decide(_open(suggestion_id), SuggestionState.DECLINED, None, doing)


def undo(entry: ModerationEntry, doing: Doing) -> ModerationEntry:
    """Let a suggestion wait again; a draft that was made of it stays, hidden.

    Opens a transaction.

    Raises:
        NotUndoableError: when it is gone, or waits already.
        reports.trail.UndoneAlreadyError: when it was undone before.
    """
    with transaction.atomic():
        rows = ServiceSuggestion.objects.select_for_update()
        found = rows.filter(pk=entry.before["suggestion"]).first()
        if found is None or found.state == SuggestionState.OPEN:
            raise NotUndoableError
        found.state, found.service = SuggestionState.OPEN, None
        found.save(update_fields=["state", "service"])
        kept = {"suggestion": found.pk}
        return trail.write(Act.UNDO, found.name, doing, before=kept, undoes=entry)


def forget_old(voices_before: datetime, now: datetime) -> None:
    """Delete what tells people apart after two days, and what nobody asks for any more."""
    SuggestionVoice.objects.filter(at__lt=voices_before).delete()
    old = ServiceSuggestion.objects.filter(last_at__lt=now - KEPT)
    old.exclude(state=SuggestionState.ACCEPTED).delete()


def _on_site(name: str, key: str) -> str | None:
    """The slug of the Service on the site that a name means."""
    shown = Service.objects.filter(is_active=True)
    plain = name.strip().lower()
    by_name = shown.annotate(lower=Lower("name")).filter(lower=plain).values_list("slug", flat=True)
    aliases = ServiceAlias.objects.filter(service__is_active=True, name__iexact=plain)
    return (
        by_name.first()
        or shown.filter(slug=key).values_list("slug", flat=True).first()
        or aliases.values_list("service__slug", flat=True).first()
    )


@transaction.atomic
def _note(key: str, written: Mapping[str, str], hashes: Hashes, now: datetime) -> bool:
    found = ServiceSuggestion.objects.select_for_update().filter(key=key).first()
    if found is None:
        if waiting().count() >= MOST_OPEN:
            raise UnavailableError
        found, _made = ServiceSuggestion.objects.get_or_create(
            key=key, defaults={**written, "first_at": now, "last_at": now, "asked": 0}
        )
    voices = SuggestionVoice.objects.filter(suggestion=found)
    if voices.filter(fingerprint__in=list(hashes.fingerprints())).exists():
        return False
    # Of two requests of one person at once, one makes the row.
    _voice, is_new = SuggestionVoice.objects.get_or_create(
        suggestion=found, fingerprint=hashes.fingerprint, defaults={"at": now}
    )
    if is_new:
        ServiceSuggestion.objects.filter(pk=found.pk).update(asked=F("asked") + 1, last_at=now)
    return is_new


def _open(suggestion_id: int) -> ServiceSuggestion:
    rows = ServiceSuggestion.objects.select_for_update()
    found = rows.filter(pk=suggestion_id, state=SuggestionState.OPEN).first()
    if found is None:
        raise DecidedError
    return found


def _decide(
    found: ServiceSuggestion, state: SuggestionState, service: Service | None, doing: Doing
) -> ModerationEntry:
    found.state, found.service = state, service
    found.save(update_fields=["state", "service"])
    act = Act.DECLINE if service is None else Act.ACCEPT
    before = {"suggestion": found.pk, "service": service and service.pk}
    return trail.write(act, found.name, doing, before=before)


def _draft(found: ServiceSuggestion, doing: Doing) -> Service:
    """A hidden Service of the suggested name, on the last shelf, with that shelf's usual types."""
    shelf = Category.objects.order_by("-position", "-name")[0]
    kinds = ProblemType.objects.filter(service__category=shelf, is_active=True)
    names = dict(kinds.order_by("slug").values_list("slug", "name").distinct()[:MOST_KINDS])
    entry = ServiceEntry(
        slug=_free_slug(found.name),
        name=found.name,
        category=shelf.slug,
        homepage=found.homepage,
        official_url="",
        official_kind="",
        aliases=(),
        problem_types=tuple(ProblemTypeEntry(*pair) for pair in names.items()),
        depends_on=(),
        hidden=True,
    )
    catalogue_acts.put(entry, doing)
    return Service.objects.get(slug=entry.slug)


def _free_slug(name: str) -> str:
    """A slug for a name that no Service has; a name in no Latin letters gives a plain one."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = _NO_SLUG.sub("-", plain).strip("-")[: LONGEST_SLUG - 4].strip("-") or "service"
    taken = set(Service.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(slug for slug in (base, *numbered) if slug not in taken)
