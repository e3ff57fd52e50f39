"""What was done lately and what is being done: the list from which acts are undone."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from reports import undoing
from reports.models import ModerationEntry, ModerationJob
from reports.moderation_jobs import UNENDED

SHOWN = 12


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


def lately() -> Doings:
    """Read them; two queries."""
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
            undoing.is_undoable(entry) and not entry.is_undone and not entry.is_being_undone,
            entry.is_undone,
        )
        for entry in entries[:SHOWN]
    ]
    return Doings(list(jobs.order_by("id")), done)
