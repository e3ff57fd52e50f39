"""What numbers mean, said so that a tired person understands it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from aggregator.models.picture import Verdict
from aggregator.outage_json import EventDocument

# Below this many times the usual, "times" says less than the two numbers do.
CLEAR_TIMES = 2
# A ratio to less than this many expected Reports is mostly chance.
LEAST_EXPECTED = 1.0

WORD: dict[str, Promise] = {
    Verdict.MAJOR: gettext_lazy("Problems"),
    Verdict.POSSIBLE: gettext_lazy("Possible problems"),
    Verdict.OK: gettext_lazy("No problems"),
    Verdict.UNKNOWN: gettext_lazy("Can't tell yet"),
}
STANDING: dict[str, Promise] = {
    "open": gettext_lazy("going on"),
    "possible": gettext_lazy("possible"),
    "confirmed": gettext_lazy("confirmed"),
    "over": gettext_lazy("over"),
    "retracted": gettext_lazy("retracted"),
}
MOVE: dict[str, Promise] = {
    "opened": gettext_lazy("First noticed"),
    "confirmed": gettext_lazy("Confirmed"),
    "scope_changed": gettext_lazy("Places changed"),
    "closed": gettext_lazy("Over"),
    "reopened": gettext_lazy("Back again"),
    "affected": gettext_lazy("Probably affected by another service"),
    "retracted": gettext_lazy("Retracted"),
    "corrected": gettext_lazy("Corrected"),
    "joined": gettext_lazy("Taken together with another outage"),
    "split": gettext_lazy("Told apart from what happened elsewhere"),
}


@dataclass(frozen=True, slots=True)
class Usual:
    """How many Reports there are, and how many are usual."""

    count: int
    expected: float
    low: float
    high: float

    @property
    def least(self) -> int:
        """The lower end of the usual band in whole Reports."""
        return math.floor(self.low)

    @property
    def most(self) -> int:
        """The upper end of the usual band in whole Reports, at least 1.

        >>> Usual(34, 4.2, 2.4, 8.1).most, Usual(0, 0.1, 0.0, 0.0).most
        (9, 1)
        """
        return max(1, math.ceil(self.high))

    @property
    def times(self) -> float | None:
        """How many times the expected there are; None where that would say little.

        >>> Usual(34, 4.2, 2.4, 8.1).times, Usual(3, 0.1, 0, 1).times, Usual(5, 4, 2, 8).times
        (8.1, None, None)
        >>> Usual(1755, 13.2, 3, 28).times
        130.0
        """
        if self.expected < LEAST_EXPECTED or self.count < CLEAR_TIMES * self.expected:
            return None
        times = self.count / self.expected
        # Two digits are all that such a ratio is good for.
        return float(f"{times:.2g}")


def listed(names: Iterable[str]) -> str:
    """Names one after the other.

    >>> listed(["Brazil", "Germany", "Japan"])
    'Brazil, Germany, Japan'
    """
    return pgettext("between names", ", ").join(names)


def question(service: str) -> str:
    """What people come to ask."""
    return _("Is %(service)s down?") % {"service": service}


@dataclass(frozen=True, slots=True)
class Particulars:
    """What else is worth saying when something is wrong.

    Attributes:
        since: when it began, in words.
        problems: the names of what fails most, at most two.
        places: the names of where it is reported most, at most two.
    """

    since: str = ""
    problems: Sequence[str] = ()
    places: Sequence[str] = ()


def verdict_sentence(
    service: str, verdict: str, usual: Usual | None, more: Particulars | None = None
) -> str:
    """The answer in a sentence.

    >>> more = Particulars("14:05 UTC", ["API"], ["Brazil"])
    >>> verdict_sentence("X", "major", Usual(51, 4.2, 2.4, 8.1), more)
    'Yes: reports about X are 12 times the usual since 14:05 UTC, mostly API, strongest in Brazil.'
    """
    told = _lead(service, verdict, usual)
    if more is None or verdict not in {Verdict.MAJOR, Verdict.POSSIBLE}:
        return _("%(sentence)s.") % {"sentence": told}
    if more.since:
        told = _("%(sentence)s since %(time)s") % {"sentence": told, "time": more.since}
    if more.problems:
        told += _(", mostly %(problems)s") % {"problems": both(more.problems)}
    if more.places:
        told += _(", strongest in %(places)s") % {"places": both(more.places)}
    return _("%(sentence)s.") % {"sentence": told}


def _lead(service: str, verdict: str, usual: Usual | None) -> str:
    """The answer without its full stop."""
    times = usual.times if usual else None
    words = _lead_in_times(verdict) if times else ""
    return (words or _lead_without_times(verdict, usual)) % {
        "service": service,
        "times": number_format(f"{times:g}", force_grouping=True) if times else "",
    }


def _lead_in_times(verdict: str) -> str:
    if verdict == Verdict.MAJOR:
        return _("Yes: reports about %(service)s are %(times)s times the usual")
    if verdict == Verdict.POSSIBLE:
        return _("Perhaps: reports about %(service)s are %(times)s times the usual")
    return ""


def _lead_without_times(verdict: str, usual: Usual | None) -> str:
    if verdict == Verdict.MAJOR:
        return _("Yes: there are far more reports about %(service)s than usual")
    if verdict == Verdict.POSSIBLE:
        return _("Perhaps: there are more reports about %(service)s than usual")
    if verdict != Verdict.OK:
        return _("Can't tell yet: too little is known about %(service)s")
    if usual and usual.count > usual.most:
        return _("No outage, but there are more reports about %(service)s than usual")
    return _("No: reports about %(service)s are as usual")


def both(names: Sequence[str]) -> str:
    """One name, or the first two joined.

    >>> both(["California"]), both(["California", "Brazil"])
    ('California', 'California and Brazil')
    """
    if len(names) == 1:
        return names[0]
    return _("%(one)s and %(other)s") % {"one": names[0], "other": names[1]}


def reports(count: int) -> str:
    """A number of Reports."""
    return ngettext("%(count)d report", "%(count)d reports", count) % {"count": count}


def move_numbers(event: EventDocument) -> str:
    """The figures of a move in words; empty where there are none or they are private."""
    numbers = event.numbers
    observed, expected = numbers.get("observed"), numbers.get("expected")
    if observed is None or expected is None:
        return ""
    said = {
        "reports": reports(int(float(observed))),
        "expected": f"{float(expected):.1f}",
        "window": f"{float(numbers.get('window') or 0):g}",
    }
    if said["window"] == "0":
        return _("%(reports)s, %(expected)s expected") % said
    return _("%(reports)s in %(window)s min, %(expected)s expected") % said
