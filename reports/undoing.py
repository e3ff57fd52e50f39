"""Undoing any act, whatever it was done to."""

from collections.abc import Callable, Mapping

from reports import (
    access,
    bans,
    bursts,
    catalogue_acts,
    logos,
    moderation_comments,
    moderation_jobs,
    site_settings,
    staff,
    suggestions,
    words,
)
from reports.models import ModerationEntry
from reports.models.moderation import Act
from reports.trail import Doing, NotUndoableError

Undo = Callable[[ModerationEntry, Doing], object]


def _comments(entry: ModerationEntry, doing: Doing) -> None:
    """Undo an act on comments: at once for some, in the background for thousands."""
    verb = moderation_jobs.undo if "held" in entry.before else moderation_comments.undo
    verb(entry, doing)


_UNDO: dict[str, Undo] = {
    Act.REJECT: moderation_jobs.undo,
    Act.RESTORE: moderation_jobs.undo,
    Act.HOLD: _comments,
    Act.RELEASE: _comments,
    Act.REMOVE: _comments,
    Act.DISMISS: bursts.undo,
    Act.BAN: bans.undo,
    Act.UNBAN: bans.undo,
    Act.LIST: words.undo,
    Act.UNLIST: words.undo,
    Act.EDIT: catalogue_acts.undo,
    Act.LOGO: logos.undo,
    Act.ACCEPT: suggestions.undo,
    Act.DECLINE: suggestions.undo,
    Act.SET: site_settings.undo,
    Act.MAKE_KEY: access.undo,
    Act.REVOKE_KEY: access.undo,
    Act.STAFF: staff.undo,
}


def teach(verbs: Mapping[str, Undo]) -> None:
    """Have acts of the rooms above undone here, too, by the verbs of theirs; at start-up."""
    _UNDO.update(verbs)


def undo(entry: ModerationEntry, doing: Doing) -> None:
    """Undo an act; what is about many Reports goes on in the background.

    Opens a transaction.

    Raises:
        NotUndoableError: when the act, or what has come after it, can't be undone.
        reports.trail.UndoneAlreadyError: when somebody undid it before.
    """
    verb = _UNDO.get(entry.act)
    if verb is None:
        raise NotUndoableError
    verb(entry, doing)


def is_undoable(entry: ModerationEntry) -> bool:
    """Whether `undo` knows an act at all."""
    return entry.act in _UNDO
