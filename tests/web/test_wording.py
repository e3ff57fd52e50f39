"""What numbers are said to mean."""

from datetime import UTC, datetime

import pytest

from aggregator.models.picture import Verdict
from aggregator.outage_json import EventDocument
from web.wording import Particulars, Usual, move_numbers, verdict_sentence


def moved(numbers: dict[str, float | str | None]) -> EventDocument:
    """A move with these figures."""
    return EventDocument(
        id=1,
        kind="opened",
        from_state=None,
        to_state="possible",
        at=datetime(2026, 3, 18, 12, tzinfo=UTC),
        region="DE",
        regions=["DE"],
        reason="",
        numbers=numbers,
    )


@pytest.mark.parametrize(
    ("verdict", "usual", "start"),
    [
        (Verdict.MAJOR, Usual(48, 4.0, 2, 9), "Yes: reports about X are 12 times the usual."),
        (Verdict.MAJOR, Usual(48, 0.2, 0, 1), "Yes: there are far more reports about X"),
        (Verdict.POSSIBLE, Usual(12, 4.0, 2, 9), "Perhaps:"),
        (Verdict.POSSIBLE, Usual(7, 4.0, 2, 9), "Perhaps: there are more reports about X"),
        (Verdict.OK, Usual(90, 4.0, 2, 9), "No outage, but there are more reports about X than"),
        (Verdict.OK, Usual(4, 4.0, 2, 9), "No: reports about X are as usual."),
        (Verdict.UNKNOWN, None, "Can't tell yet:"),
    ],
)
def test_verdict_is_a_sentence(verdict: str, usual: Usual | None, start: str) -> None:
    assert verdict_sentence("X", verdict, usual).startswith(start)


def test_move_says_its_figures() -> None:
    event = moved({"window": 15, "observed": 60, "expected": 4.25})
    assert move_numbers(event) == "60 reports in 15 min, 4.2 expected"
    assert move_numbers(moved({"observed": 1, "expected": 0.5})) == "1 report, 0.5 expected"


@pytest.mark.parametrize("numbers", [{}, {"observed": None, "expected": 1.0}])
def test_private_figures_are_left_out(numbers: dict[str, float | str | None]) -> None:
    assert move_numbers(moved(numbers)) == ""


def test_particulars_are_told_of_what_is_wrong_only() -> None:
    more = Particulars("14:05 UTC", ["API", "Chat"], ["California", "Brazil"])
    assert verdict_sentence("X", Verdict.POSSIBLE, Usual(7, 4.0, 2, 9), more) == (
        "Perhaps: there are more reports about X than usual since 14:05 UTC,"
        " mostly API and Chat, strongest in California and Brazil."
    )
    quiet = verdict_sentence("X", Verdict.OK, Usual(4, 4.0, 2, 9), more)
    assert quiet == "No: reports about X are as usual."
