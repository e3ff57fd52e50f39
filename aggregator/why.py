"""Why an Outage was raised, in cells for a table: each move's numbers, and how things look now."""

from collections.abc import Mapping
from dataclasses import dataclass

from aggregator.detection import Reason
from aggregator.models import Outage, OutageEvent, ServiceStatus

HEADERS = ("When (UTC)", "Move", "Where", "Reports", "Usual", "Score", "Networks", "Rule")
RULES: Mapping[str, str] = {
    Reason.SURGE: "surge: far above the usual",
    Reason.SLOW: "slow burn: above the usual for long",
    Reason.CROWD: "unmistakable crowd, no history yet",
    Reason.OFFICIAL: "crowd, and the vendor's own word",
    Reason.SCOPE: "the places changed",
    Reason.CAUSE: "a service it depends on is in outage",
    Reason.QUIET: "the excess has gone",
    Reason.ADOPTED: "steady for long: the new usual",
    Reason.AFFIRMED: "a person confirmed it",
    Reason.CLOSED: "a person ended it",
}
UNKNOWN = "-"


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
    versions = dict.fromkeys(_version(event.numbers) for event in events if event.numbers)
    return Why(
        table={"headers": HEADERS, "rows": [_row(event) for event in events]},
        made_by=", ".join(version for version in versions if version),
        now=_now(outage),
    )


def _row(event: OutageEvent) -> list[str]:
    numbers: Mapping[str, object] = event.numbers
    cells = [f"{event.at:%Y-%m-%d %H:%M}", event.get_kind_display()]
    if event.reason:
        return [*cells, _where(event), *[UNKNOWN] * 4, event.reason]
    return [
        *cells,
        _where(event),
        _reports(numbers),
        usual(numbers),
        score(numbers),
        _number(numbers.get("networks")),
        RULES.get(str(numbers.get("rule")), UNKNOWN),
    ]


def _where(event: OutageEvent) -> str:
    return ", ".join(code for code in event.regions if code) or "worldwide"


def _reports(numbers: Mapping[str, object]) -> str:
    if numbers.get("observed") is None:
        return UNKNOWN
    window = numbers.get("window")
    return f"{numbers['observed']} in {window} min" if window else str(numbers["observed"])


def usual(numbers: Mapping[str, object]) -> str:
    """The usual band and what is expected.

    >>> usual({"low": 1.0, "high": 9.0, "expected": 4.02})
    '1.0 to 9.0, expected 4.0'
    >>> usual({"expected": 4.02}), usual({})
    ('expected 4.0', '-')
    """
    if numbers.get("expected") is None:
        return UNKNOWN
    expected = f"expected {_number(numbers['expected'])}"
    if numbers.get("low") is None or numbers.get("high") is None:
        return expected
    return f"{_number(numbers['low'])} to {_number(numbers['high'])}, {expected}"


def score(numbers: Mapping[str, object]) -> str:
    """The Score, and what was asked for to open an Outage.

    >>> score({"z": 14.2, "bar": 6.3}), score({"z": 0.0, "bar": None}), score({})
    ('14.2 of 6.3', '0.0', '-')
    """
    bar = numbers.get("bar")
    return _number(numbers.get("z")) + ("" if bar is None else f" of {_number(bar)}")


def _number(value: object) -> str:
    if value is None:
        return UNKNOWN
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _version(numbers: Mapping[str, object]) -> str:
    version, sensitivity = numbers.get("parameters"), numbers.get("sensitivity")
    if not version:
        return ""
    return f"parameters {version}" + (f" at {sensitivity} sensitivity" if sensitivity else "")


def _now(outage: Outage) -> str:
    status = ServiceStatus.objects.filter(service=outage.service_id).first()
    if status is None:
        return ""
    numbers = {"low": status.low, "high": status.high, "expected": status.expected}
    return (
        f"{status.at:%Y-%m-%d %H:%M} UTC: {status.observed} reports worldwide in 15 minutes"
        f" (usual {usual(numbers)}). The detector says: {status.get_verdict_display()}."
    )
