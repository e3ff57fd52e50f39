"""What a rebuilt detector makes of the Minutes it took again (pure)."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from aggregator.detection import Move, State


@dataclass(slots=True)
class Stretch:
    """One episode of a Service, its re-openings included; Minutes since 1970.

    Attributes:
        started: the first Minute, as estimated.
        state: the detector's.
        ended: the Minute it was closed in; None while it is open.
        confirmed: the Minute it was first known to be confirmed in; None: never.
        peak_count: Reports of its highest quarter-hour.
        expected_at_peak: Reports expected in that quarter-hour.
    """

    started: int
    state: State
    ended: int | None = None
    confirmed: int | None = None
    peak_count: int = 0
    expected_at_peak: float = 0.0

    def take(self, move: Move) -> None:
        """Follow a Move."""
        self.state = move.to_state
        self.ended = move.minute if move.to_state is State.OVER else None
        if move.to_state is State.CONFIRMED and self.confirmed is None:
            self.confirmed = move.minute
        if move.peak_count >= self.peak_count:
            self.peak_count, self.expected_at_peak = move.peak_count, move.expected_at_peak


@dataclass(slots=True)
class Retelling:
    """The episodes of all Services since the detector was rebuilt, oldest first."""

    stretches: dict[str, list[Stretch]] = field(default_factory=dict)

    def take(self, moves: Iterable[Move]) -> None:
        """Follow Moves in the order they were made; those that only say how it stands, too."""
        for move in moves:
            own = self.stretches.setdefault(move.service, [])
            if move.from_state is None or not own:
                own.append(Stretch(move.started, move.to_state))
            own[-1].take(move)

    def within(self, service: str, first: int, last: int | None) -> list[Stretch]:
        """The episodes of a Service that touch a span of Minutes, both ends included.

        Args:
            service: its slug.
            first: in minutes since 1970.
            last: the same; None: the span goes on.
        """
        return [
            one
            for one in self.stretches.get(service, [])
            if (one.ended is None or one.ended >= first) and (last is None or one.started <= last)
        ]
