"""Outages: the only writer of Outage and OutageEvent.

Each verb writes the Outage, its OutageEvent and the Alerts of one move in one transaction. The
detector's moves are in `detected`, what recounted Reports leave of an Outage in `recounted`, what
people decide in `decided`. A move that a moderator made pointless meanwhile changes nothing: the
person wins.
"""

from aggregator.outages.decided import confirm, retract
from aggregator.outages.detected import apply, close, explain, follow
from aggregator.outages.recounted import rectify, withdraw
from aggregator.outages.writing import NotPossibleError

__all__ = [
    "NotPossibleError",
    "apply",
    "close",
    "confirm",
    "explain",
    "follow",
    "rectify",
    "retract",
    "withdraw",
]
