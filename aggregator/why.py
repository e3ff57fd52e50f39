"""Why an Outage was raised, in cells for a table: each move's numbers, and how things look now."""

from dataclasses import dataclass

from aggregator import figures
from aggregator.models import Outage, OutageEvent, ServiceStatus

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
