"""What is said beside maps: how many, where most, over how long."""

from collections.abc import Sequence

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aggregator.levels import LONG_MINUTES, SHORT_MINUTES
from aggregator.selectors.shades import Shade
from reports.geography import WORLD
from web.wording import listed

MOST_NAMED = 3


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


def said(names: Sequence[str], size: int, *, known: bool) -> str:
    """What a map says, in a sentence."""
    if not known:
        return _("Too little is known to tell for any place.")
    if not names:
        return _("All places are up: nowhere is there more than usual.")
    words = ngettext(
        "%(n)d place is above the usual: %(names)s.",
        "%(n)d places are above the usual, most of all: %(names)s.",
        size,
    )
    return words % {"n": size, "names": listed(names[:MOST_NAMED])}


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
