"""What people decided on an Outage, for the back office."""

from datetime import datetime
from typing import NamedTuple

from django import template
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef
from django.utils.safestring import SafeString

from aggregator.acts import ON_OUTAGES
from aggregator.models import Outage
from aggregator.prose import rendered
from reports.desk.doings import Done, may_undo
from reports.models import ModerationEntry

register = template.Library()


class ReadNote(NamedTuple):
    """A note as the page shows it."""

    at: datetime
    html: SafeString


@register.simple_tag
def notes_of(outage: Outage) -> list[ReadNote]:
    """What moderators say of an Outage, oldest first."""
    return [ReadNote(note.at, rendered(note.text)) for note in outage.notes.all()]


@register.simple_tag
def acts_on(outage: Outage, user: User) -> list[Done]:
    """The acts of people on an Outage, oldest first, as one of them may undo them."""
    undone = ModerationEntry.objects.filter(undoes=OuterRef("pk"))
    entries = ModerationEntry.objects.filter(
        act__in=ON_OUTAGES, before__outages__has_key=str(outage.pk)
    ).select_related("by")
    return [
        Done(entry, not entry.is_undone and may_undo(user, entry), entry.is_undone)
        for entry in entries.annotate(is_undone=Exists(undone)).order_by("pk")
    ]
