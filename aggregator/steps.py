"""The widths of the spans of time that counts are kept in (pure)."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """One table of counts and the width of its spans of time."""

    name: str
    table: str
    width: timedelta

    @property
    def is_of_reports(self) -> bool:
        """Whether it is counted from the Reports themselves, not rolled up from a finer one."""
        return self.width == MINUTE.width

    def floor(self, instant: datetime) -> datetime:
        """The first instant of the span that holds an instant (aware).

        >>> QUARTER.floor(datetime(2026, 3, 18, 14, 44, 59, tzinfo=UTC))
        datetime.datetime(2026, 3, 18, 14, 30, tzinfo=datetime.timezone.utc)
        """
        return instant - (instant - EPOCH) % self.width


MINUTE = Step("1m", "aggregator_minutecount", timedelta(minutes=1))
QUARTER = Step("15m", "aggregator_quartercount", timedelta(minutes=15))
HOUR = Step("1h", "aggregator_hourcount", timedelta(hours=1))
STEPS = (MINUTE, QUARTER, HOUR)
# Public posts, which no other table of counts holds.
SOCIAL = Step("posts", "aggregator_socialcount", timedelta(minutes=1))
