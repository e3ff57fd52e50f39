"""Why an Outage was raised, as text: its moves, their numbers and a small chart (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

BARS = " ▁▂▃▄▅▆▇█"
CHART_COLUMNS = 72


@dataclass(frozen=True, slots=True)
class Moment:
    """One move of an Outage.

    Attributes:
        at: when, aware UTC.
        kind: what moved, like `opened`.
        regions: the scope after it; empty is worldwide.
        reason: a moderator's words, or empty.
        numbers: the detector's figures by name, or none.
    """

    at: datetime
    kind: str
    regions: Sequence[str]
    reason: str
    numbers: Mapping[str, object]


def explain(title: str, moments: Iterable[Moment], counts: Sequence[int]) -> str:
    """The whole explanation.

    Args:
        title: what the Outage is called.
        moments: its moves, oldest first.
        counts: Reports a Minute from shortly before its start to shortly after its end.
    """
    lines = [title, "", *(_sentence(moment) for moment in moments), ""]
    if counts:
        lines += [chart(counts), f"{len(counts)} minutes, at most {max(counts)} reports in one"]
    return "\n".join(lines)


def chart(counts: Sequence[int], columns: int = CHART_COLUMNS) -> str:
    """One line of bars, each the largest count of its share of the Minutes.

    >>> chart([0, 1, 4, 8], columns=4)
    ' ▁▄█'
    >>> chart([0, 0])
    '  '
    """
    width = min(columns, len(counts))
    edges = [index * len(counts) // width for index in range(width + 1)]
    tops = [max(counts[low:high]) for low, high in pairwise(edges)]
    most = max(tops) or 1
    return "".join(BARS[-(-top * (len(BARS) - 1) // most)] for top in tops)


def _sentence(moment: Moment) -> str:
    where = ", ".join(code for code in moment.regions if code) or "worldwide"
    head = f"{moment.at:%Y-%m-%d %H:%M} UTC  {moment.kind}, {where}"
    if moment.reason:
        return f"{head}\n    {moment.reason}"
    numbers = moment.numbers
    if not numbers:
        return head
    networks = numbers.get("networks")
    bar = "" if numbers.get("bar") is None else f" of {_number(numbers['bar'])}"
    sensitivity = f", sensitivity {numbers['sensitivity']}" if "sensitivity" in numbers else ""
    breadth = "" if networks is None else f", {networks} networks"
    return (
        f"{head}\n    {numbers['observed']} reports in {numbers['window']} min,"
        f" usual {_number(numbers['low'])} to {_number(numbers['high'])}"
        f" (expected {_number(numbers['expected'])}), score {_number(numbers['z'])}{bar}{breadth},"
        f" rule {numbers['rule']}, parameters {numbers['parameters']}{sensitivity}"
    )


def _number(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, float) else str(value)
