"""`manage.py explain` tells why an outage was raised."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from aggregator import outages
from aggregator.clock import minute_of
from aggregator.models import Outage
from aggregator.models.outage import State
from tests.aggregator.crowds import burst
from tests.aggregator.test_outages import CLOSING, CONFIRMING, OPENING
from tests.factories import make_event, make_outage

T = minute_of(datetime(2026, 3, 18, 14, 5, tzinfo=UTC))


@pytest.mark.django_db
def test_explain_prints_moves_numbers_and_chart() -> None:
    for move in (OPENING, CONFIRMING, CLOSING):
        outages.apply(move)
    burst("claude", T, minutes=10, reports=60)
    out = StringIO()
    call_command("explain", str(Outage.objects.get().pk), stdout=out)
    text = out.getvalue()
    assert "2026-03-18 14:06 UTC  opened, US" in text
    assert "120 in 5 min, usual 1.0 to 9.0 (expected 4.0); score 14.2; 80 networks; surge" in text
    assert "█" in text
    assert "at most 60 reports in one" in text


@pytest.mark.django_db
def test_explain_of_an_unknown_outage_says_so() -> None:
    with pytest.raises(CommandError, match="no outage 99"):
        call_command("explain", "99")


@pytest.mark.django_db
def test_explain_of_an_outage_with_few_numbers_or_none_says_what_there_is() -> None:
    outage = make_outage(state=State.OVER)
    assert "None of its moves is on record." in explained(outage)
    make_event(outage)
    assert "532, usual about 12.2" in explained(outage)


@pytest.mark.parametrize("arguments", [[], ["x"], ["99", "98"]])
def test_explain_wants_one_id(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match=r"outage|unrecognized"):
        call_command("explain", *arguments)


def explained(outage: Outage) -> str:
    """What the command prints."""
    out = StringIO()
    call_command("explain", str(outage.pk), stdout=out)
    return out.getvalue()
