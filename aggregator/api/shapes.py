"""The questions of the read API, and the envelope of its lists."""

from datetime import datetime
from typing import Annotated, Generic, TypeVar

import msgspec
from msgspec import Meta

from aggregator.selectors.outages import Standing
from aggregator.selectors.problems import Look
from aggregator.selectors.spans import Step
from aggregator.selectors.values import RegionCode, RegionLevel, Slug, VerdictName

Entry = TypeVar("Entry")
LARGEST_PAGE = 100

Moment = Annotated[datetime, Meta(tz=True)]
CursorText = Annotated[str, Meta(max_length=400)]
Words = Annotated[str, Meta(max_length=80)]


class Listing(msgspec.Struct, Generic[Entry], frozen=True, kw_only=True):
    """A page of a list; `next` and `previous` are the addresses of its neighbours, or null."""

    next: str | None
    previous: str | None
    results: list[Entry]


class Nothing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """No question: its address says it all."""


class Paged(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which page of a list."""

    cursor: Annotated[
        CursorText | None, Meta(description="From `next` or `previous` of another page.")
    ] = None
    page_size: Annotated[int, Meta(ge=1, le=LARGEST_PAGE, description="Entries a page.")] = 50


class AboutServices(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which Services."""

    q: Annotated[
        Words | None,
        Meta(description="A name or alias, also mistyped. One page, the best match first."),
    ] = None
    category: Slug | None = None
    verdict: VerdictName | None = None


class AboutSeries(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which series."""

    step: Annotated[
        Step,
        Meta(description="Width of the buckets: at most 1, 31, 92 or 366 days of them at once."),
    ] = Step.QUARTER
    since: Annotated[Moment | None, Meta(description="ISO 8601 with `Z` or an offset.")] = (
        msgspec.field(name="from", default=None)
    )
    until: Annotated[Moment | None, Meta(description="The same; now if left out.")] = msgspec.field(
        name="to", default=None
    )
    region: RegionCode | None = None


class AboutPlaces(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which Regions of a Service."""

    kind: RegionLevel | None = None
    parent: RegionCode | None = None


class AboutProblems(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which Reports' problem types."""

    look: Annotated[
        Look,
        Meta(description="How far back, from the beginning of the quarter-hour then."),
    ] = msgspec.field(name="span", default=Look.HOUR)
    region: RegionCode | None = None


class AboutOutages(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which Outages."""

    service: Slug | None = None
    category: Slug | None = None
    region: Annotated[
        RegionCode | None,
        Meta(description="Touched by the outage: by its scope, or because it is worldwide."),
    ] = None
    state: Annotated[Standing | None, Meta(description="`open` is `possible` or `confirmed`.")] = (
        None
    )
    since: Annotated[Moment | None, Meta(description="Not over before this instant.")] = (
        msgspec.field(name="from", default=None)
    )
    until: Annotated[Moment | None, Meta(description="Begun before this instant.")] = msgspec.field(
        name="to", default=None
    )


class AboutRegions(Paged, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which Regions."""

    kind: RegionLevel | None = None
    parent: RegionCode | None = None
