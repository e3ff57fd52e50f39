"""Outages: the only writer of Outage and OutageEvent.

Each verb writes the Outage, its OutageEvent and the Alerts of one move in one transaction. The
detector's moves are in `detected`, what recounted Reports leave of an Outage in `recounted`, what
people decide in `decided` and `shaped`, and how that is taken back in `undone`. A move that a
moderator made pointless meanwhile changes nothing: the person wins.
"""

from aggregator.outages.decided import (
    Opening,
    annotate,
    confirm,
    end,
    name_cause,
    open_by_hand,
    retract,
)
from aggregator.outages.detected import apply, close, explain, follow
from aggregator.outages.recounted import rectify, withdraw
from aggregator.outages.shaped import join, split
from aggregator.outages.undone import undo
from aggregator.outages.writing import NotPossibleError

__all__ = [
    "NotPossibleError",
    "Opening",
    "annotate",
    "apply",
    "close",
    "confirm",
    "end",
    "explain",
    "follow",
    "join",
    "name_cause",
    "open_by_hand",
    "rectify",
    "retract",
    "split",
    "undo",
    "withdraw",
]
