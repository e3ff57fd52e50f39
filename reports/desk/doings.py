"""What was done lately and what is being done: the list from which acts are undone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Exists, OuterRef

from reports import undoing
from reports.models import ModerationEntry, ModerationJob
from reports.models.moderation import Act
from reports.moderation_jobs import UNENDED

Person = User | AnonymousUser
SHOWN = 12
_MODERATES, _OUTAGES = "reports.change_report", "aggregator.change_outage"
# What somebody must be allowed to do to undo an act here; no other act is undone here.
RIGHTS: Mapping[str, str] = {
    **dict.fromkeys((Act.REJECT, Act.RESTORE, Act.DISMISS, Act.BAN, Act.UNBAN), _MODERATES),
    **dict.fromkeys((Act.HOLD, Act.RELEASE, Act.REMOVE, Act.LIST, Act.UNLIST), _MODERATES),
    **dict.fromkeys((Act.CONFIRM, Act.RETRACT, Act.END, Act.OPEN, Act.ANNOTATE), _OUTAGES),
    **dict.fromkeys((Act.JOIN, Act.SPLIT, Act.EXPLAIN), _OUTAGES),
    **dict.fromkeys((Act.DECLARE, Act.LIFT), "aggregator.change_declaration"),
    **dict.fromkeys((Act.ACCEPT, Act.DECLINE), "reports.change_servicesuggestion"),
    **dict.fromkeys((Act.EDIT, Act.LOGO, Act.TUNE), "reports.change_service"),
    Act.SET: "reports.change_sitesetting",
    **dict.fromkeys((Act.MAKE_KEY, Act.REVOKE_KEY), "reports.change_apikey"),
    Act.STAFF: "auth.change_user",
}


@dataclass(frozen=True, slots=True)
class Done:
    """An act, and whether it can still be undone from here."""

    entry: ModerationEntry
    is_undoable: bool
    is_undone: bool


@dataclass(frozen=True, slots=True)
class Doings:
    """Jobs under way, the oldest first, and the last acts, the newest first."""

    jobs: Sequence[ModerationJob]
    done: Sequence[Done]


def may_undo(user: Person, entry: ModerationEntry) -> bool:
    """Whether an act is one that this person may undo."""
    return undoing.is_undoable(entry) and user.has_perm(RIGHTS.get(entry.act, ""))


def lately(user: Person) -> Doings:
    """Read them, as one person may undo them; two queries."""
    jobs = ModerationJob.objects.filter(state__in=UNENDED).select_related("by").defer("selection")
    undone = ModerationEntry.objects.filter(undoes=OuterRef("pk"))
    undone_soon = ModerationJob.objects.filter(undoes=OuterRef("pk"), state__in=UNENDED)
    entries = (
        ModerationEntry.objects.select_related("by")
        .defer("before")
        .annotate(is_undone=Exists(undone), is_being_undone=Exists(undone_soon))
    )
    done = [
        Done(
            entry,
            not (entry.is_undone or entry.is_being_undone) and may_undo(user, entry),
            entry.is_undone,
        )
        for entry in entries[:SHOWN]
    ]
    return Doings(list(jobs.order_by("id")), done)
