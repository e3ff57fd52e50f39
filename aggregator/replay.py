"""Exported counts in, the Outages the production detector makes of them out; no database.

Baselines are learnt on the way. `aggregator.replay_files` says how the files look.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Final

import numpy as np

from aggregator.detection import (
    WORLD,
    Counts,
    Course,
    Engine,
    Move,
    Parameters,
    State,
    Step,
)
from aggregator.replay_files import Places, instant, read_minutes, to_minute

RUN_OUT_MINUTES: Final = 180


@dataclass(frozen=True, slots=True)
class Record:
    """One Outage of a replay; instants are ISO 8601 UTC with ``Z``.

    `detected_at` is the end of the last minute looked at. `regions` is the scope, empty when
    worldwide; `region` the smallest Region that holds it, ``""`` when worldwide.
    """

    service: str
    region: str
    regions: tuple[str, ...]
    started_at: str
    detected_at: str
    confirmed_at: str | None
    ended_at: str | None
    peak_count: int
    expected_at_peak: float
    cause: str | None

    def as_line(self) -> str:
        """The record as one line of NDJSON."""
        return json.dumps(asdict(self), ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Tuning:
    """How the detector is set: its parameters, and the sensitivities that held when."""

    parameters: Parameters = field(default_factory=Parameters)
    course: Course = field(default_factory=Course)


AS_SHIPPED: Final = Tuning()


def steps(
    lines: Iterable[str],
    places: Places,
    tuning: Tuning = AS_SHIPPED,
    tell: Callable[[int], None] | None = None,
) -> Iterator[Step]:
    """Feed every minute from the first row's on to a new Engine.

    It goes on past the last row while an Outage is open, for up to three hours: no rows are no
    Reports, and an Outage ends by them. The last Step tells the Outages still open then.

    Args:
        lines: the counts, as text lines with the header.
        places: Region time zones and dependencies; learns the Services and Regions named.
        tuning: the detector's settings.
        tell: called after every row's minute with that minute.

    Raises:
        BadRowError: on a row that breaks the format or the order.
    """
    engine: Engine | None = None
    nothing = Counts(*(np.zeros(0, np.int64) for _ in range(3)))
    for minute, counts in read_minutes(lines, places):
        if engine is None:
            engine = Engine(places.topology(), tuning.parameters)
        last = engine.minute
        for quiet in range(minute if last is None else last + 1, minute):
            engine.tune(tuning.course.at(quiet))
            yield engine.advance(quiet, nothing)
        known = len(engine.topology.services), len(engine.topology.regions)
        if known != places.size():
            engine.grow(places.topology())
        engine.tune(tuning.course.at(minute))
        yield engine.advance(minute, counts)
        if tell is not None:
            tell(minute)
    if engine is not None:
        yield from _run_out(engine, nothing)


def _run_out(engine: Engine, nothing: Counts) -> Iterator[Step]:
    minute = engine.minute
    assert minute is not None  # noqa: S101 - it was just advanced
    for quiet in range(minute + 1, minute + 1 + RUN_OUT_MINUTES):
        if not engine.standing():
            return
        yield engine.advance(quiet, nothing)
    yield Step(minute + RUN_OUT_MINUTES, engine.standing())


def gather(moves: Iterable[Move]) -> list[Record]:
    """One record an Outage, in order of detection; a re-opened Outage stays one."""
    records: list[Record] = []
    current: dict[str, int] = {}
    for move in moves:
        now = instant(move.minute + 1)
        if move.from_state is None:
            current[move.service] = len(records)
            records.append(_first(move, now))
            continue
        at = current[move.service]
        confirmed = records[at].confirmed_at
        if move.to_state is State.CONFIRMED and confirmed is None:
            confirmed = now
        records[at] = replace(
            records[at],
            region=move.region,
            regions=_scope(move),
            confirmed_at=confirmed,
            ended_at=now if move.to_state is State.OVER else None,
            cause=move.cause,
        )
        if move.peak_count >= records[at].peak_count:
            peak = move.peak_count, move.expected_at_peak
            records[at] = replace(records[at], peak_count=peak[0], expected_at_peak=peak[1])
    return records


def _scope(move: Move) -> tuple[str, ...]:
    return tuple(code for code in move.regions if code != WORLD)


def _first(move: Move, now: str) -> Record:
    return Record(
        service=move.service,
        region=move.region,
        regions=_scope(move),
        started_at=instant(move.started),
        detected_at=now,
        confirmed_at=now if move.to_state is State.CONFIRMED else None,
        ended_at=None,
        peak_count=move.peak_count,
        expected_at_peak=move.expected_at_peak,
        cause=move.cause,
    )


def replay(
    lines: Iterable[str],
    places: Places,
    *,
    since: str | None = None,
    tuning: Tuning = AS_SHIPPED,
    tell: Callable[[int], None] | None = None,
) -> list[Record]:
    """All Outages of the counts, in order of detection.

    Args:
        lines: the counts, as text lines with the header.
        places: Region time zones and dependencies.
        since: ISO 8601 UTC instant: Outages detected before it are left out, their counts are
            history to learn from.
        tuning: the detector's settings.
        tell: called with every minute that has rows.

    Raises:
        BadRowError: on a row that breaks the format or the order.
        ValueError: when `since` is no UTC minute.
    """
    first = None if since is None else instant(to_minute(since))
    moves = (move for step in steps(lines, places, tuning, tell) for move in step.moves)
    return [record for record in gather(moves) if first is None or record.detected_at >= first]
