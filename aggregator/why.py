"""Why an Outage was raised, in cells for a table: each move's numbers, and how things look now."""

from dataclasses import dataclass

from aggregator import figures, opinion
from aggregator.detection import State
from aggregator.models import Outage, OutageEvent, ServiceStatus

STATES = {State.POSSIBLE: "a possible outage", State.CONFIRMED: "a confirmed outage"}
HEADERS = ("When (UTC)", "Move", "Where", "Reports", "Usual", "Score", "Networks", "Rule")


@dataclass(frozen=True, slots=True)
class Why:
    """What a page shows.

    Attributes:
        table: headers and rows, one row a move, oldest first.
        made_by: the versions of the parameters behind the numbers, in words; empty for none.
        now: how the Service looks now, in words; empty before the detector's first look.
    """

    table: dict[str, object]
    made_by: str
    now: str


def why(outage: Outage) -> Why:
    """The numbers behind an Outage (two queries)."""
    events = list(outage.events.order_by("pk"))
    versions = dict.fromkeys(figures.made_by(event.numbers) for event in events)
    return Why(
        table={"headers": HEADERS, "rows": [_row(event) for event in events]},
        made_by=", ".join(version for version in versions if version),
        now=_now(outage),
    )


def asked(outage: Outage) -> str:
    """What the detector would say now by itself, in words; it takes a second or a few."""
    found = opinion.opine(outage)
    if found is None:
        return "It can't tell: it has no memory of these days, or is learning them again."
    numbers = found.numbers
    state = STATES[found.state] if found.state else "no outage"
    where = numbers["region"] or "worldwide"
    basis = [f"{figures.reports(numbers)} {where}, usual {figures.usual(numbers)}"]
    basis += ["nothing stands out" if numbers["bar"] is None else f"score {figures.score(numbers)}"]
    if numbers["networks"] is not None:
        basis.append(f"{numbers['networks']} networks")
    return (
        f"{found.at:%Y-%m-%d %H:%M} UTC: it would have {state} open,"
        f" had it heard of no moderator since {found.since:%Y-%m-%d %H:%M}. It judges by "
        + "; ".join([*basis, figures.made_by(numbers)])
        + "."
    )


def _row(event: OutageEvent) -> list[str]:
    cells = [f"{event.at:%Y-%m-%d %H:%M}", event.get_kind_display(), _where(event)]
    if event.reason:
        return [*cells, *[figures.NONE] * 4, event.reason]
    numbers = event.numbers
    told = [figures.reports, figures.usual, figures.score]
    networks = figures.number(numbers.get("networks"))
    return [*cells, *(tell(numbers) for tell in told), networks, figures.rule(numbers)]


def _where(event: OutageEvent) -> str:
    return ", ".join(code for code in event.regions if code) or "worldwide"


def _now(outage: Outage) -> str:
    status = ServiceStatus.objects.filter(service=outage.service_id).first()
    if status is None:
        return ""
    numbers = {"low": status.low, "high": status.high, "expected": status.expected}
    return (
        f"{status.at:%Y-%m-%d %H:%M} UTC: {status.observed} reports worldwide in 15 minutes"
        f", usual {figures.usual(numbers)}. The detector says: {status.get_verdict_display()}."
    )
