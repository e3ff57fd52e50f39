"""Why an Outage was raised, as text: its moves, their numbers and a small chart (pure)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from aggregator import figures

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
    told = [_sentence(moment) for moment in moments]
    lines = [title, "", *(told or ["None of its moves is on record."]), ""]
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
    told = [
        f"{figures.reports(numbers)}, usual {figures.usual(numbers)}",
        f"score {figures.score(numbers)}",
        f"{figures.number(numbers.get('networks'))} networks" if numbers.get("networks") else "",
        figures.rule(numbers),
        figures.made_by(numbers),
    ]
    return f"{head}\n    " + "; ".join(part for part in told if part not in {"", figures.NONE})
