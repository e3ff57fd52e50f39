"""Decides, minute by minute, what each Service's Outage does."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from aggregator.detection.attribution import find_cause
from aggregator.detection.endings import Endings
from aggregator.detection.hierarchy import Excess, find_scope, smallest_holding
from aggregator.detection.room import Room
from aggregator.detection.scan import LEAST_Z, spread
from aggregator.detection.scoring import score
from aggregator.detection.signs import Sign, Signs
from aggregator.detection.states import REOPEN_MINUTES, Episode, echo_bar
from aggregator.detection.telling import Teller
from aggregator.detection.types import (
    Context,
    Evidence,
    Move,
    Reason,
    State,
)

YOUNG_MINUTES: Final = 180
"""Minutes after which a Service still learning its first day learns from its own Outage too."""


class Judge:
    """All Episodes, and the rules that move them."""

    def __init__(self, room: Room) -> None:
        """Start without Episodes."""
        self.room = room
        self.episodes: dict[int, Episode] = {}
        self.signs = Signs(room)
        self.teller = Teller(room)
        self.endings = Endings(room)

    def grow(self) -> None:
        """Make room for new Services and series."""
        self.signs.calm.grow(len(self.room.series.topology.services))
        self.teller.grow()

    def open_services(self) -> list[int]:
        """Indices of Services whose Outage is not over, ascending."""
        return sorted(at for at, episode in self.episodes.items() if not episode.is_over)

    def untaught(self, minute: int) -> npt.NDArray[np.bool_]:
        """Series that learn nothing now, because their Service is in outage.

        A Service without a day of history is given three hours: a launch must not stay an Outage
        for want of a Baseline.
        """
        out = np.zeros(len(self.room.series), np.bool_)
        for service in self.open_services():
            members = self.room.series.members[service]
            young = self.room.is_learning(service)
            out[members] = not young or minute - self.episodes[service].opened < YOUNG_MINUTES
        return out

    def step(self, minute: int, evidence: Evidence) -> list[Move]:
        """All Moves of a minute, in order of Service."""
        signs = self.signs.read(minute, evidence, self.episodes)
        self.teller.follow(self.open_services())
        moves: list[Move] = []
        for service in sorted({*signs, *self.open_services()}):
            episode = self.episodes.get(service)
            sign = signs.get(service)
            if episode is None or episode.is_over:
                if sign is not None and sign.opens:
                    moves += self._open(service, sign, minute, evidence)
            else:
                moves += self._carry_on(episode, sign, minute, evidence)
        return moves

    # Opening

    def _open(self, service: int, sign: Sign, minute: int, evidence: Evidence) -> Iterator[Move]:
        room = self.room
        if evidence.context(room.slug(service)).hold:
            return
        old = self.episodes.get(service)
        rate = self.room.excess_rate(sign.series)
        if old is not None and not self._is_new(old, rate, minute):
            return
        started = minute - sign.window + 1
        window = max(min(sign.window, 60), 5)
        if self._is_chatter(sign, window):
            return
        scope = self._scope(sign, window)
        region = smallest_holding(room.series.topology, scope)
        fresh = Episode(service, State.POSSIBLE, started, minute, scope, region)
        fresh.peak_excess, fresh.reach = rate, region
        origin: State | None = None
        if old is not None and minute - old.closed <= REOPEN_MINUTES:
            origin = State.OVER
            fresh.started, fresh.dips = old.started, old.dips + 1
            fresh.peak_excess = max(rate, 0.5 * old.peak_excess)
            self.teller.follow([service])
        else:
            self.teller.begin(service)
        fresh.since, fresh.seen = started, minute
        fresh.strong = int(sign.confirms)
        self.episodes[service] = fresh
        self._find_cause(fresh, minute)
        yield self.teller.move(fresh, origin, sign.reason, minute, sign)

    def _is_chatter(self, sign: Sign, window: int) -> bool:
        """Whether it may be one link shared in one place.

        Few Reports, nearly all from one country, and no networks to tell; more of them are asked
        of a country that usually sends a small part.
        """
        parameters, room = self.room.parameters, self.room
        if sign.networks is not None or sign.excess >= parameters.place_excess:
            return False
        service = int(room.series.service[sign.series])
        members = np.array(room.series.members[service])
        excess = room.ring.observed(window, members) - room.ring.expected(window, members)
        level, depth = room.baseline.level[members], room.series.depth[members]
        whole, usual = excess[depth == 0][0], level[depth == 0][0]
        small = level < parameters.place_share * usual
        asked = np.where(small, parameters.place_excess, parameters.home_excess)
        alone = whole - np.maximum(excess, 0.0) < max(parameters.place_rest, whole / 3.0)
        return bool(((depth == 1) & alone & (sign.excess < asked)).any())

    def _is_new(self, old: Episode, rate: float, minute: int) -> bool:
        """Whether a sign after a close is more than that Outage's tail or echo.

        Its rate, there or where the Outage was, must reach the echo's bar.
        """
        before = self.room.excess_rate(self.room.node(old.service, old.reach))
        bar = echo_bar(old, minute, self.room.parameters.echo_share)
        return max(rate, before) >= bar

    # Going on

    def _carry_on(
        self, episode: Episode, sign: Sign | None, minute: int, evidence: Evidence
    ) -> Iterator[Move]:
        context = evidence.context(self.room.slug(episode.service))
        node = self.room.node(episode.service, episode.reach)
        episode.peak_excess = max(episode.peak_excess, self.room.excess_rate(node))
        yield from self._follow_cause(episode, minute)
        yield from self._confirm(episode, sign, minute, context)
        if sign is not None and sign.opens:
            yield from self._follow_scope(episode, sign, minute)
        episode.seen = minute if sign is not None and sign.opens else episode.seen
        yield from self._close_if_over(episode, node, minute)

    def _confirm(
        self, episode: Episode, sign: Sign | None, minute: int, context: Context
    ) -> Iterator[Move]:
        strong = sign is not None and sign.confirms
        episode.strong = episode.strong + 1 if strong else 0
        if sign is None or episode.state is not State.POSSIBLE:
            return
        if context.hold or context.maintenance:
            return
        if self._held(episode):
            episode.strong = 0
            return
        asked = self.room.parameters.confirm_minutes
        if episode.cause >= 0:
            # Both crowds are still growing; their shares mean something only after a while.
            asked += self.room.parameters.release_minutes
        if episode.strong >= asked:
            episode.state = State.CONFIRMED
            yield self.teller.move(episode, State.POSSIBLE, sign.reason, minute, sign)

    def _held(self, episode: Episode) -> bool:
        """Whether a dependency's crowd, in outage or not (yet), explains it.

        Peaks are compared: the windows hold Reports of two hours, and a child is not to be
        confirmed by them when its dependency's crowd goes first.
        """
        room = self.room
        now = [room.excess_rate(room.world(parent)) for parent in self._parents(episode)]
        episode.explained = max(episode.explained, *now, 0.0)
        return episode.peak_excess < room.parameters.dependency_share * episode.explained

    def _parents(self, episode: Episode) -> list[int]:
        pairs = self.room.series.topology.dependencies
        return [parent for child, parent in pairs if child == episode.service]

    def _find_cause(self, episode: Episode, minute: int) -> bool:
        """Look for a dependency that explains it; whether the answer changed."""
        room, standing = self.room, self.signs.last
        crowds = {
            parent: room.excess_rate(room.world(parent)) if parent in standing else 0.0
            for parent in self._parents(episode)
        }
        cause, crowd = find_cause(crowds, self.episodes, minute, episode.peak_excess)
        episode.explained = max(episode.explained, crowd)
        changed = cause not in (-1, episode.cause)
        if changed:
            episode.cause = cause
        return changed

    def _follow_cause(self, episode: Episode, minute: int) -> Iterator[Move]:
        if self._find_cause(episode, minute):
            yield self.teller.move(episode, episode.state, Reason.CAUSE, minute)

    def _follow_scope(self, episode: Episode, sign: Sign, minute: int) -> Iterator[Move]:
        seen = self._scope(sign, max(min(sign.window, 60), 15))
        if set(seen) == set(episode.scope):
            episode.pending = ()
            return
        if set(seen) != set(episode.pending):
            episode.pending, episode.pending_since = seen, minute
        if minute - episode.pending_since < self.room.parameters.scope_minutes:
            return
        episode.scope, episode.pending = seen, ()
        episode.reach = smallest_holding(self.room.series.topology, (episode.reach, *seen))
        episode.region = smallest_holding(self.room.series.topology, seen)
        yield self.teller.move(episode, episode.state, Reason.SCOPE, minute, sign)

    def _scope(self, sign: Sign, window: int) -> tuple[int, ...]:
        """Regions that explain the excess over a window.

        The search starts at the largest Region around the telling one that stands out itself, so
        that the moods of the world do not hide a Region's outage.
        """
        room = self.room
        service = int(room.series.service[sign.series])
        members = np.array(room.series.members[service])
        observed, expected = (
            room.ring.observed(window, members),
            room.ring.expected(window, members),
        )
        variance = spread(room.baseline, members, np.array([window]))[0]
        z = score(observed, np.maximum(expected, 1e-6), variance, 1.0)
        regions = room.series.region[members].tolist()
        loud = {region for region, high in zip(regions, z >= LEAST_Z, strict=True) if high}
        excess = {
            region: Excess(float(x - m), float(m))
            for region, x, m in zip(regions, observed, expected, strict=True)
        }
        telling = int(room.series.region[sign.series])
        around = [node for node in room.series.topology.path(telling) if node in loud]
        return find_scope(room.series.topology, around[-1] if around else telling, excess)

    # Closing

    def _close_if_over(self, episode: Episode, node: int, minute: int) -> Iterator[Move]:
        reason = self.endings.find(episode, node, minute)
        if reason is not None:
            yield self._end(episode, reason, minute)

    def _end(self, episode: Episode, reason: Reason, minute: int) -> Move:
        old, episode.state, episode.closed = episode.state, State.OVER, minute
        episode.blocks.clear()
        episode.parts.clear()
        return self.teller.move(episode, old, reason, minute)

    def end(self, service: int, minute: int) -> Move | None:
        """Close a Service's Outage from outside; None when none is open."""
        episode = self.episodes.get(service)
        if episode is None or episode.is_over:
            return None
        return self._end(episode, Reason.CLOSED, minute)

    def standing(self, minute: int) -> list[Move]:
        """The open Outages as they stand, as Moves from and to the state they are in."""
        episodes = [self.episodes[service] for service in self.open_services()]
        return [self.teller.move(one, one.state, Reason.SCOPE, minute) for one in episodes]

    def restate(self, service: int, minute: int, state: State) -> Move | None:
        """Put a Service's last Outage into a state from outside; None when it is in that."""
        episode = self.episodes.get(service)
        if episode is None or episode.state is state:
            return None
        if state is State.OVER:
            return self._end(episode, Reason.CLOSED, minute)
        old, episode.state = episode.state, state
        if old is State.OVER:
            # It has as long to be seen again as if it had stood out just now.
            episode.quiet, episode.seen = 0.0, minute
        return self.teller.move(episode, old, Reason.AFFIRMED, minute)

    def affirm(self, service: int, minute: int) -> Move | None:
        """Confirm a Service's possible Outage from outside; None when there is none."""
        episode = self.episodes.get(service)
        if episode is None or episode.state is not State.POSSIBLE:
            return None
        episode.state = State.CONFIRMED
        return self.teller.move(episode, State.POSSIBLE, Reason.AFFIRMED, minute)
