"""`manage.py explain OUTAGE`: why an outage was raised, with its numbers and a small chart."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from aggregator.explanation import Moment, explain
from aggregator.models import Outage
from aggregator.selectors.series import counts
from aggregator.selectors.spans import LONGEST, Span, Step
from aggregator.steps import MINUTE

MARGIN = timedelta(minutes=30)


class Command(BaseCommand):
    """Print one Outage's moves, the numbers behind them and its reports by Minute."""

    help = "Print why an outage was raised: its moves, their numbers and a small chart."

    def add_arguments(self, parser: CommandParser) -> None:
        """One argument: the Outage's id."""
        parser.add_argument("outage", type=int, help="its id, as in the address of its page")

    def handle(self, *_: Any, outage: int, **__: Any) -> None:
        """Print the explanation.

        Raises:
            CommandError: when there is no such Outage.
        """
        found = Outage.objects.select_related("service").filter(pk=outage).first()
        if found is None:
            message = f"There is no outage {outage}; /outages/ lists those there are."
            raise CommandError(message)
        moments = [
            Moment(event.at, event.get_kind_display(), event.regions, event.reason, event.numbers)
            for event in found.events.order_by("pk")
        ]
        title = f"{found.service.name}, outage {found.pk}: {found.get_state_display()}"
        self.stdout.write(explain(title, moments, _counts(found, datetime.now(UTC))))


def _counts(outage: Outage, now: datetime) -> list[int]:
    """Reports a Minute in the Outage's Region, descendants included, half an hour around it."""
    begin = outage.started_at - MARGIN
    end = min((outage.ended_at or now) + MARGIN, begin + LONGEST[Step.MINUTE])
    span = Span(Step.MINUTE, MINUTE.floor(begin), MINUTE.floor(min(end, now)))
    counted = counts(outage.service_id, span, outage.region_id)
    return [counted.get(start, 0) for start in span.starts()]
