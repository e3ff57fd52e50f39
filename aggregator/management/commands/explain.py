"""`manage.py explain OUTAGE`: why an outage was raised, with its numbers and a small chart."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q, Sum

from aggregator.clock import minute_of
from aggregator.explanation import Moment, explain
from aggregator.models import MinuteCount, Outage

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
            message = f"There is no outage {outage}."
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
    end = min((outage.ended_at or now) + MARGIN, now)
    inside = Q(region__startswith=f"{outage.region_id}-") | Q(region=outage.region_id)
    rows = MinuteCount.objects.filter(service=outage.service, start__gte=begin, start__lt=end)
    if outage.region_id:
        rows = rows.filter(inside)
    by_minute: Counter[int] = Counter()
    for start, count in rows.values_list("start").annotate(Sum("count")):
        by_minute[minute_of(start)] += count
    return [by_minute[minute] for minute in range(minute_of(begin), minute_of(end))]
