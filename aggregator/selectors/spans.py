"""Spans of time cut into steps: what a series may be asked for. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class Step(StrEnum):
    """The width of a series' buckets, each beginning at a whole multiple of it in UTC."""

    MINUTE = "1m"
    QUARTER = "15m"
    HOUR = "1h"
    DAY = "1d"


WIDTH = {
    Step.MINUTE: timedelta(minutes=1),
    Step.QUARTER: timedelta(minutes=15),
    Step.HOUR: timedelta(hours=1),
    Step.DAY: timedelta(days=1),
}
USUAL = {
    Step.MINUTE: timedelta(hours=2),
    Step.QUARTER: timedelta(hours=24),
    Step.HOUR: timedelta(days=7),
    Step.DAY: timedelta(days=30),
}
LONGEST = {
    Step.MINUTE: timedelta(days=1),
    Step.QUARTER: timedelta(days=31),
    Step.HOUR: timedelta(days=92),
    Step.DAY: timedelta(days=366),
}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


class BadSpanError(ValueError):
    """A span that is empty, longer than its step allows, or far from our days."""


@dataclass(frozen=True, slots=True)
class Span:
    """Whole buckets of one width: from `start` up to, not including, `end`, both UTC."""

    step: Step
    start: datetime
    end: datetime

    def starts(self) -> list[datetime]:
        """The first instant of each bucket, oldest first.

        >>> noon = datetime(2026, 3, 18, 12, tzinfo=UTC)
        >>> len(Span(Step.QUARTER, noon, noon + timedelta(hours=2)).starts())
        8
        """
        width = WIDTH[self.step]
        return [self.start + n * width for n in range((self.end - self.start) // width)]


def utc(at: datetime) -> datetime:
    """An aware instant in UTC, which every part of the program can calculate with.

    Raises:
        BadSpanError: when it is far from our days.

    >>> utc(datetime.fromisoformat("2026-03-18T12:00:00+23:00")).isoformat()
    '2026-03-17T13:00:00+00:00'
    """
    if not EARLIEST <= at <= LATEST:
        message = f"Times lie between {EARLIEST.year} and {LATEST.year}."
        raise BadSpanError(message)
    return at.astimezone(UTC)


def floor(at: datetime, step: Step) -> datetime:
    """The first instant of the bucket that holds an instant.

    >>> floor(datetime(2026, 3, 18, 14, 29, 59, tzinfo=UTC), Step.QUARTER).isoformat()
    '2026-03-18T14:15:00+00:00'
    """
    return at.astimezone(UTC) - (at - EPOCH) % WIDTH[step]


def span(
    step: Step, now: datetime, *, start: datetime | None = None, end: datetime | None = None
) -> Span:
    """The whole buckets that touch [start, end), none of them in the future.

    Whole buckets only: with free edges, two answers could be subtracted to see a single Report.

    Args:
        step: the width of the buckets.
        now: an aware instant.
        start: aware; `USUAL[step]` before the end when not given.
        end: aware; now when not given.

    Raises:
        BadSpanError: when nothing is left or it is longer than `LONGEST[step]`.

    >>> now = datetime(2026, 3, 18, 14, 20, tzinfo=UTC)
    >>> span(Step.HOUR, now, start=now - timedelta(hours=1)).starts()[-1].hour
    14
    """
    last = min(utc(end or now), now)
    first = utc(start or last - USUAL[step])
    if first >= last:
        message = "`from` must be before `to`, and not in the future."
        raise BadSpanError(message)
    if last - first > LONGEST[step]:
        message = f"At most {LONGEST[step].days} days in steps of {step}."
        raise BadSpanError(message)
    moment = timedelta(microseconds=1)
    return Span(step, floor(first, step), floor(last - moment, step) + WIDTH[step])
