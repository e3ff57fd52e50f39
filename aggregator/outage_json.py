"""The one JSON form of an Outage: what the API answers and what webhooks carry. Pure."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from aggregator.privacy import FEWER_THAN

if TYPE_CHECKING:
    from aggregator.models import Outage, OutageEvent


Numbers = dict[str, float | str | None]


class OfficialDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The vendor's own incident that goes with an Outage.

    Attributes:
        key: the vendor's id.
        status: the vendor's word.
        declared_at: its first update's own time, by the vendor's clock.
        first_seen_at: when we saw it, by our clock.
        acknowledged_at: `declared_at`, or our last look without it where that was backdated.
        lead_minutes: from our confirmation to the acknowledgement, above 0: the crowd was first;
            null for an Outage that was not confirmed.
    """

    key: str
    name: str
    status: str
    impact: str
    url: str
    declared_at: datetime
    first_seen_at: datetime
    acknowledged_at: datetime
    resolved_at: datetime | None
    lead_minutes: float | None


class OutageDocument(msgspec.Struct, frozen=True, kw_only=True):
    """An Outage as outsiders see it; `msgspec.to_builtins` gives plain values.

    Attributes:
        id: stable, never used again.
        service: the Service's slug.
        region: code of the smallest Region that holds the scope; None: worldwide.
        regions: codes of the scope; empty when worldwide.
        state: `possible`, `confirmed`, `over` or `retracted`.
        started_at: estimated onset; this and all times aware UTC, encoded ISO 8601 with `Z`.
        peak_count: Reports of its highest quarter-hour.
        expected_at_peak: Reports expected in that quarter-hour.
        problem_types: slugs, the most reported first.
        cause: slug of the Service whose failure explains this one.
        official: the vendor's own incident, when it declares one.
        url: the Outage's page.
    """

    id: int
    service: str
    region: str | None
    regions: list[str]
    state: str
    started_at: datetime
    detected_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None
    retracted_at: datetime | None
    peak_count: int
    expected_at_peak: float
    problem_types: list[str]
    cause: str | None
    official: OfficialDocument | None
    url: str


class EventDocument(msgspec.Struct, frozen=True, kw_only=True):
    """One move of an Outage; `region` and `regions` as in `OutageDocument`, as of this move.

    Attributes:
        kind: `opened`, `confirmed`, `scope_changed`, `closed`, `reopened`, `retracted`,
            `affected` (it is probably an effect of `cause`), `corrected` (what was said before
            was wrong, and `to_state` is how it stands), `joined` or `split` (of a moderator, who
            told Outages apart).
        cause: slug of the Service whose failure explained it at this move.
        reason: in words, at most 1,000 characters; empty where the numbers say it all.
        numbers: why, in the detector's figures: `rule`, the Region whose counts they are
            (`region`, "" is worldwide), `window` in minutes, Reports `observed` and `expected` in
            it, the usual band `low` to `high` (95 %), the Score `z`, distinct `networks` of the
            last hour, the version of the `parameters`, the Service's `sensitivity` (`low`,
            `normal` or `high`) and the Score that opens an Outage at it (`bar`). Empty when a
            person moved it; where a Region's count is below 5, that count and what tells it are
            None.
    """

    id: int
    kind: str
    from_state: str | None
    to_state: str
    at: datetime
    region: str | None
    regions: list[str]
    cause: str | None = None
    reason: str
    numbers: Numbers


class NoteDocument(msgspec.Struct, frozen=True, kw_only=True):
    """What a moderator says of an Outage.

    Attributes:
        text: Markdown (CommonMark), without HTML.
    """

    at: datetime
    text: str


class OutageDetail(OutageDocument, frozen=True, kw_only=True):
    """An Outage and why it was raised.

    Attributes:
        events: its moves, oldest first, each with the numbers that made it.
        notes: what moderators say of it, oldest first.
    """

    events: list[EventDocument]
    notes: list[NoteDocument]


LONGEST_REASON = 1000
# With the expected count, the Score gives the observed one away.
_TELLING = {"observed", "networks", "z"}
_KINDS = {"scope": "scope_changed"}


def outage_document(
    outage: "Outage",
    *,
    problem_types: Sequence[str],
    site_url: str,
    official: OfficialDocument | None = None,
) -> OutageDocument:
    """The document of an Outage whose `service` and `cause` are loaded.

    Args:
        outage: the row.
        problem_types: slugs of what was reported, the most frequent first.
        site_url: the site's address without a slash at its end.
        official: the vendor's incident that goes with it.
    """
    return OutageDocument(
        id=outage.pk,
        service=outage.service.slug,
        region=outage.region_id or None,
        regions=_scope(outage.regions),
        state=str(outage.state),
        started_at=outage.started_at,
        detected_at=outage.detected_at,
        confirmed_at=outage.confirmed_at,
        ended_at=outage.ended_at,
        retracted_at=outage.retracted_at,
        peak_count=outage.peak_count,
        expected_at_peak=round(outage.expected_at_peak, 2),
        problem_types=list(problem_types),
        cause=outage.cause.slug if outage.cause else None,
        official=official,
        url=outage_url(outage.pk, site_url),
    )


def with_events(
    document: OutageDocument, events: list[EventDocument], notes: list[NoteDocument]
) -> OutageDetail:
    """A document with the moves and the notes of its Outage, oldest first."""
    return OutageDetail(**msgspec.structs.asdict(document), events=events, notes=notes)


def event_document(event: "OutageEvent") -> EventDocument:
    """The document of one move whose `cause` is loaded."""
    return EventDocument(
        id=event.pk,
        kind=kind_name(event.kind),
        from_state=event.from_state or None,
        to_state=str(event.to_state),
        at=event.at,
        region=event.region_id or None,
        regions=_scope(event.regions),
        cause=event.cause.slug if event.cause else None,
        reason=event.reason[:LONGEST_REASON],
        numbers=published_numbers(event.numbers),
    )


def published_numbers(numbers: Numbers) -> Numbers:
    """The figures without the small counts of a Region; worldwide counts are exact.

    >>> published_numbers({"region": "US", "observed": 3, "z": 0.1, "window": 15})
    {'region': 'US', 'observed': None, 'z': None, 'window': 15}
    """
    counts = (numbers.get("observed"), numbers.get("networks"))
    is_small = any(isinstance(count, int | float) and count < FEWER_THAN for count in counts)
    if not (numbers.get("region") and is_small):
        return numbers
    return {name: None if name in _TELLING else value for name, value in numbers.items()}


def outage_url(outage_id: int, site_url: str) -> str:
    """The address of an Outage's page.

    >>> outage_url(7, "https://outcry.example")
    'https://outcry.example/outages/7/'
    """
    return f"{site_url}/outages/{outage_id}/"


def kind_name(kind: str) -> str:
    """What outsiders call a move.

    >>> kind_name("scope"), kind_name("opened")
    ('scope_changed', 'opened')
    """
    return _KINDS.get(kind, str(kind))


def _scope(regions: Sequence[str]) -> list[str]:
    """Codes without the world's empty one, which `region: null` says already."""
    return [code for code in regions if code]
