"""What is said beside maps: how many, where most, over how long."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aggregator.levels import LONG_MINUTES, SHORT_MINUTES
from aggregator.selectors.shades import Shade
from reports.geography import WORLD
from web.wording import listed

MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in the list beside a map; `note` says how much is reported there.

    Its `level` is None where nobody can tell.
    """

    rank: int
    name: str
    address: str
    level: int | None
    note: str


def note(one: Shade) -> str:
    """How much is reported in a place, beside its usual."""
    if one.place.expected is None:
        words = ngettext(
            "%(count)d report, usual: not known yet",
            "%(count)d reports, usual: not known yet",
            one.count,
        )
        return words % {"count": one.count}
    words = ngettext(
        "%(count)s report, usual %(expected)s", "%(count)s reports, usual %(expected)s", one.count
    )
    usual = number_format(round(one.expected), force_grouping=True) if one.expected >= 1 else "<1"
    return words % {"count": number_format(one.count, force_grouping=True), "expected": usual}


def said(entries: Sequence[Entry], levels: Sequence[int | None], *, known: bool) -> str:
    """What a map says, in a sentence or two.

    Args:
        entries: the first of its places, the worst first.
        levels: of all its places that are not as usual.
        known: whether anybody can tell for any place.
    """
    if not known:
        return _("Too little is known to tell for any place.")
    untold = sum(level is None for level in levels)
    above = len(levels) - untold
    if not levels:
        return _("All places are up: nowhere is there more than usual.")
    words = []
    if above:
        named = listed(one.name for one in entries[: min(above, MOST_NAMED)])
        words.append(_above(above) % {"n": above, "names": named})
    if untold:
        words.append(_untold(untold) % {"n": untold})
    return " ".join(words)


def _above(size: int) -> str:
    return ngettext(
        "%(n)d place is above the usual: %(names)s.",
        "%(n)d places are above the usual, most of all: %(names)s.",
        size,
    )


def _untold(size: int) -> str:
    return ngettext(
        "%(n)d place has reports, but its usual is not known yet.",
        "%(n)d places have reports, but their usual is not known yet.",
        size,
    )


def beyond(rest: int, code: str, place: str) -> str:
    """What is said of Reports that no place of the map shows.

    It is what everybody could find by subtracting the published counts, no more.
    """
    if rest <= 0:
        return ""
    number = number_format(rest, force_grouping=True)
    if code == WORLD:
        words = ngettext(
            "%(n)s report more names no country, or one with few reports.",
            "%(n)s reports more name no country, or one with few reports.",
            rest,
        )
        return words % {"n": number}
    words = ngettext(
        "%(n)s report more from %(place)s names no part of it, or one with few reports.",
        "%(n)s reports more from %(place)s name no part of it, or one with few reports.",
        rest,
    )
    return words % {"n": number, "place": place}


def compared(minutes: int) -> str:
    """Over how long a Service's places are compared with the usual."""
    return _("Compared with the usual: the last %(n)d minutes.") % {"n": minutes}


def compared_of_all() -> str:
    """The same of several Services."""
    words = _(
        "Compared with the usual: the last %(n)d minutes; of very large services the last"
        " %(short)d."
    )
    return words % {"n": LONG_MINUTES, "short": SHORT_MINUTES}
