"""The detector's figures of one move, in words (pure)."""

from collections.abc import Mapping
from typing import Final

from aggregator.detection import Reason

Numbers = Mapping[str, object]

NONE: Final = "-"
RULES: Final[Mapping[str, str]] = {
    Reason.SURGE: "surge: far above the usual",
    Reason.SUDDEN: "jump: far above the hour before",
    Reason.SLOW: "slow burn: above the usual for long",
    Reason.CROWD: "unmistakable crowd, no history yet",
    Reason.OFFICIAL: "crowd, and the vendor's own word",
    Reason.SCOPE: "the places changed",
    Reason.CAUSE: "a service it depends on has a larger crowd",
    Reason.QUIET: "the excess has gone",
    Reason.ADOPTED: "steady for long: the new usual",
    Reason.AFFIRMED: "a person confirmed it",
    Reason.CLOSED: "a person ended it",
}


def number(value: object) -> str:
    """One figure; fractions with one decimal.

    >>> number(4.02), number(3), number(None)
    ('4.0', '3', '-')
    """
    if value is None:
        return NONE
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def reports(numbers: Numbers) -> str:
    """How many in which time.

    >>> reports({"observed": 120, "window": 5}), reports({"observed": 7}), reports({})
    ('120 in 5 min', '7', '-')
    """
    observed, window = numbers.get("observed"), numbers.get("window")
    return number(observed) if observed is None or not window else f"{observed} in {window} min"


def usual(numbers: Numbers) -> str:
    """The usual band and what is expected.

    >>> usual({"low": 1.0, "high": 9.0, "expected": 4.02})
    '1.0 to 9.0 (expected 4.0)'
    >>> usual({"expected": 4.02}), usual({})
    ('about 4.0', '-')
    """
    if numbers.get("expected") is None:
        return NONE
    expected = number(numbers["expected"])
    if numbers.get("low") is None or numbers.get("high") is None:
        return f"about {expected}"
    return f"{number(numbers['low'])} to {number(numbers['high'])} (expected {expected})"


def score(numbers: Numbers) -> str:
    """The Score, and what was asked for to open an Outage.

    >>> score({"z": 14.2, "bar": 6.3}), score({"z": 0.0, "bar": None}), score({})
    ('14.2 of 6.3', '0.0', '-')
    """
    bar = numbers.get("bar")
    return number(numbers.get("z")) + ("" if bar is None else f" of {number(bar)}")


def rule(numbers: Numbers) -> str:
    """Which rule made the move."""
    return RULES.get(str(numbers.get("rule")), NONE)


def made_by(numbers: Numbers) -> str:
    """The version of the parameters and the sensitivity that held; empty where unknown.

    >>> made_by({"parameters": "2", "sensitivity": "low"}), made_by({"parameters": "1"})
    ('parameters 2 at low sensitivity', 'parameters 1')
    """
    version, sensitivity = numbers.get("parameters"), numbers.get("sensitivity")
    if not version:
        return ""
    return f"parameters {version}" + (f" at {sensitivity} sensitivity" if sensitivity else "")
