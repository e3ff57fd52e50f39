"""Figures as plain text tables, one row a detector, and as plain values for JSON."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.detection.figures import Figures, Found
    from benchmarks.detection.intervals import Estimate

_HUNDRED = 100


def render(rows: Sequence[Sequence[str]]) -> str:
    """Columns of text, the first to the left, the others to the right.

    >>> print(render([("a", "b"), ("long", "1")]))
    a     b
    long  1
    """
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    lines = []
    for first, *others in rows:
        cells = [cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return "\n".join(lines)


def percent(estimate: Estimate) -> str:
    """A share in per cent with its interval; ``-`` without trials."""
    if math.isnan(estimate.value):
        return "-"
    value, low, high = (_HUNDRED * x for x in (estimate.value, estimate.low, estimate.high))
    return f"{value:.1f} [{low:.0f}-{high:.0f}]"


def per_year(estimate: Estimate) -> str:
    """A rate a service-year with its interval."""
    if math.isnan(estimate.value):
        return "-"
    return f"{estimate.value:.2f} [{estimate.low:.2f}-{estimate.high:.2f}]"


def whole(value: float | None) -> str:
    """Minutes without decimals; ``-`` for nothing."""
    return "-" if value is None else f"{value:.0f}"


def brief(found: Found) -> str:
    """``found % / median / p90`` in one cell; ``-`` without such outages."""
    if not found.outages:
        return "-"
    share = f"{_HUNDRED * found.share.value:.0f}"
    return f"{share} / {whole(found.median)} / {whole(found.p90)}"


def overview(all_figures: Sequence[Figures]) -> str:
    """False outages, finding and delay of each detector."""
    head = ("", "false/sy", "confirmed false", "found %", "med", "p90", ">=2/min %", "med", "conf.")
    rows = [head]
    for f in all_figures:
        row = (
            f.name,
            per_year(f.false),
            per_year(f.false_confirmed),
            percent(f.found.share),
            whole(f.found.median),
            whole(f.found.p90),
            percent(f.big.share),
            whole(f.big.median),
            brief(f.confirmed),
        )
        rows.append(row)
    return render(rows)


def endings(all_figures: Sequence[Figures]) -> str:
    """How outages end, where they are placed, and what becomes of children and triplings."""
    head = ("", "early %", "close", "p90", "split %", "place %", "child conf.", "held", "tripled h")
    rows = [head]
    for f in all_figures:
        row = (
            f.name,
            percent(f.closing.early),
            whole(f.closing.median),
            whole(f.closing.p90),
            percent(f.closing.split),
            percent(f.closing.placed),
            str(f.children_confirmed),
            str(f.children_held),
            " ".join(f"{hours:.1f}" for hours in f.hours_tripled) or "-",
        )
        rows.append(row)
    return render(rows)


def by_kind(all_figures: Sequence[Figures]) -> str:
    """Found % / median / p90 by kind of outage."""
    kinds = list(all_figures[0].kinds)
    rows = [("", *kinds)]
    rows += [(f.name, *(brief(f.kinds[kind]) for kind in kinds)) for f in all_figures]
    return render(rows)


def by_group(all_figures: Sequence[Figures], attribute: str) -> str:
    """Found % / median / p90 and false a service-year by ``volumes`` or ``noises``."""
    groups = list(getattr(all_figures[0], attribute))
    rows = [("", *groups)]
    for f in all_figures:
        cells = getattr(f, attribute)
        rows.append(
            (f.name, *(f"{brief(cells[g].found)} ({cells[g].false.value:.2f})" for g in groups))
        )
    return render(rows)


def by_blame(all_figures: Sequence[Figures]) -> str:
    """Number of false outages by what is to blame."""
    kinds = list(all_figures[0].blames)
    rows = [("", *kinds)]
    rows += [(f.name, *(str(f.blames[kind]) for kind in kinds)) for f in all_figures]
    return render(rows)


def report(all_figures: Sequence[Figures]) -> str:
    """All tables, each under its title."""
    years, outages = all_figures[0].service_years, all_figures[0].found.outages
    parts = (
        (f"{years:.1f} service-years, {outages} outages; minutes from onset", overview),
        ("endings: close = minutes after the true end; found outages only", endings),
        ("by kind: found % / median / p90", by_kind),
        (
            "by reports a minute: found % / median / p90 (false/sy)",
            lambda f: by_group(f, "volumes"),
        ),
        ("by noise: found % / median / p90 (false/sy)", lambda f: by_group(f, "noises")),
        ("false outages by what is to blame (numbers)", by_blame),
    )
    return "\n\n".join(f"{title}\n{draw(all_figures)}" for title, draw in parts)


def plain(value: object) -> object:
    """``value`` (made by `dataclasses.asdict`) with NaN as None, ready for strict JSON."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and math.isnan(value):
        return None
    return value


def as_json(figures: Figures) -> object:
    """The figures as JSON-ready values."""
    return plain(asdict(figures))
