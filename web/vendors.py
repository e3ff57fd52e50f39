"""What vendors' own pages say, and how fast they are, in words and as a drawing."""

from collections.abc import Iterator
from datetime import timedelta
from math import copysign, sqrt

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aggregator.selectors.leads import LeadRecord
from aggregator.selectors.official import Face
from aggregator.spoken import duration

# Half of a strip, in its own units, and the minutes that reach its ends.
HALF, LONGEST = 500, 180
TALL = 24
# Of fewer leads the middle half says nothing.
LEAST_SPREAD = 4
MINUS = "\N{MINUS SIGN}"
TICKS = (-180, -60, -15, 0, 15, 60, 180)


def says(face: str, kind: str, indicator: str, description: str) -> str:
    """A page's own word.

    Args:
        face: how far it can be believed, a `Face`.
        kind: what it is.
        indicator: how bad it says it is.
        description: its own words for that.
    """
    if face == Face.UNREAD:
        return _("not read yet")
    if kind == "probe":
        return _("answers") if indicator == "none" else _("does not answer")
    named = {
        "none": _("all is well"),
        "minor": _("minor trouble"),
        "major": _("major trouble"),
        "critical": _("critical trouble"),
        "maintenance": _("maintenance"),
    }
    return description or named.get(indicator, indicator)


def history(found: LeadRecord) -> str:
    """The record in a sentence; empty without one."""
    if not found.n:
        return ""
    said = {
        "first": found.crowd_first,
        "n": found.n,
        "median": duration(timedelta(minutes=abs(found.median or 0))),
        "silent": found.crowd_only,
    }
    if (found.median or 0) > 0:
        words = _("People here were first in %(first)s of %(n)s outages, by %(median)s (median).")
    else:
        words = _("People here were first in %(first)s of %(n)s outages; the vendor by %(median)s.")
    if found.crowd_only:
        words += " " + _("%(silent)s more were never acknowledged.")
    return words % said


def unmatched(found: LeadRecord) -> list[str]:
    """What one side said and the other did not, and where the crowd was wrong.

    What `history` says is left out.
    """
    silent = 0 if found.n else found.crowd_only
    counted = (
        (
            silent,
            ngettext("%(n)d never acknowledged", "%(n)d never acknowledged", silent),
        ),
        (
            found.vendor_only,
            ngettext("%(n)d not noticed here", "%(n)d not noticed here", found.vendor_only),
        ),
        (
            found.retracted,
            ngettext("%(n)d false alarm of ours", "%(n)d false alarms of ours", found.retracted),
        ),
    )
    return [words % {"n": count} for count, words in counted if count]


def middle(found: LeadRecord) -> str:
    """The median lead and its spread in a few words; empty without one."""
    if found.median is None:
        return ""
    if found.n < LEAST_SPREAD:
        return _("%(median)s min") % {"median": signed(found.median)}
    said = {
        "median": signed(found.median),
        "lower": signed(found.lower_quartile or 0.0),
        "upper": signed(found.upper_quartile or 0.0),
    }
    return _("%(median)s min, half of them from %(lower)s to %(upper)s") % said


def signed(minutes: float) -> str:
    """Whole minutes with their sign.

    >>> signed(12.4), signed(-3.0) == MINUS + "3", signed(0.2)
    ('+12', True, '0')
    """
    whole = round(minutes)
    return f"+{whole}" if whole > 0 else f"{MINUS}{-whole}" if whole else "0"


def place(minutes: float) -> float:
    """Where a lead stands in a strip: short ones far apart, long ones close together.

    >>> place(-180), place(0), place(45), place(9999)
    (0.0, 500.0, 750.0, 1000.0)
    """
    part = sqrt(min(abs(minutes), LONGEST) / LONGEST)
    return round(HALF * (1 + copysign(part, minutes)), 1)


def strip(found: LeadRecord) -> str:
    """The leads as a drawing: a line for all, a box for the middle half, a mark for the median."""
    inside = "".join([*_scale(), *_leads(found)])
    return (
        f'<svg class="strip" viewBox="0 0 {2 * HALF} {TALL}" preserveAspectRatio="none"'
        f' aria-hidden="true">{inside}</svg>'
    )


def _scale() -> Iterator[str]:
    for minutes in TICKS:
        name = "strip-zero" if minutes == 0 else "strip-tick"
        yield f'<path class="{name}" d="M{place(minutes):g} 0V{TALL}"/>'


def _leads(found: LeadRecord) -> Iterator[str]:
    ends = found.smallest, found.lower_quartile, found.median, found.upper_quartile, found.largest
    known = [place(one) for one in ends if one is not None]
    if len(known) < len(ends):
        return
    least, lower, median, upper, most = known
    yield f'<path class="strip-all" d="M{least:g} {TALL // 2}H{most:g}"/>'
    wide = max(upper - lower, 4.0)
    yield f'<rect class="strip-half" x="{lower:g}" y="5" width="{wide:g}" height="{TALL - 10}"/>'
    yield f'<path class="strip-median" d="M{median:g} 2V{TALL - 2}"/>'
