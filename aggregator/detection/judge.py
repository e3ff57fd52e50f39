"""Decides, minute by minute, what each Service's Outage does."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aggregator.detection.attribution import find_cause, is_held
from aggregator.detection.baseline import LEARNING, Baseline
from aggregator.detection.bursts import BURST_WINDOW, DailyBursts
from aggregator.detection.calm import Calm
from aggregator.detection.hierarchy import Excess, find_scope, smallest_holding
from aggregator.detection.params import Parameters, Thresholds
from aggregator.detection.ring import Ring
from aggregator.detection.scan import Findings, scan, spread
from aggregator.detection.scoring import score, usual_band
from aggregator.detection.series import SeriesTable
from aggregator.detection.states import (
    BLOCK,
    ECHO_MINUTES,
    REOPEN_MINUTES,
    Episode,
    echo_bar,
    follow_quiet,
    judge_plateau,
    quiet_evidence,
)
from aggregator.detection.types import (
    Context,
    Evidence,
    Move,
    Numbers,
    Official,
    Reason,
    State,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

LEAST_Z = 4.0
"""Score below which no evidence could open an Outage."""


YOUNG_MINUTES = 180
"""Minutes after which a Service still learning its first day learns from its own Outage too."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What one Service shows this minute, at its most telling Region."""

    series: int
    reason: Reason
    z: float
    window: int
    observed: float
    expected: float
    excess: float
    networks: int | None
    opens: bool
    confirms: bool


@dataclass(slots=True)
class Room:
    """What the judge looks at: the learnt state of the Engine."""

    series: SeriesTable
    ring: Ring
    baseline: Baseline
    parameters: Parameters


class Judge:
    """All Episodes, and the rules that move them."""

    def __init__(self, room: Room) -> None:
        """Start without Episodes."""
        self.room = room
        self.episodes: dict[int, Episode] = {}
        self.peak_counts = np.zeros(1)
        self.peak_means = np.zeros(1)
        self.first_minute = 0
        self.calm = Calm()
        self.bursts = DailyBursts()

    def grow(self) -> None:
        """Make room for new Services and series."""
        self.calm.grow(len(self.room.series.topology.services))
        more = len(self.room.series) - len(self.peak_counts)
        if more:
            self.peak_counts = np.concatenate((self.peak_counts, np.zeros(more)))
            self.peak_means = np.concatenate((self.peak_means, np.zeros(more)))

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
            young = self.room.baseline.seen[members[0]] < LEARNING
            out[members] = not young or minute - self.episodes[service].opened < YOUNG_MINUTES
        return out

    def step(self, minute: int, evidence: Evidence) -> list[Move]:
        """All Moves of a minute, in order of Service."""
        self.calm.turn(minute)
        signs = self._signs(minute, evidence)
        self._follow_peaks()
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

    # What each Service shows

    def _signs(self, minute: int, evidence: Evidence) -> dict[int, Sign]:
        room = self.room
        found = scan(room.ring, room.baseline, room.series.depth, room.parameters)
        owners = room.series.service[found.series]
        told: dict[int, list[int]] = {}
        for row in np.flatnonzero(found.slow).tolist():
            told.setdefault(int(owners[row]), []).append(row)
        telling = np.flatnonzero(found.z >= LEAST_Z)
        seen: set[int] = set()
        for row in telling[np.argsort(-found.z[telling], kind="stable")].tolist():
            service = int(owners[row])
            if service not in seen:
                seen.add(service)
                told.setdefault(service, []).append(row)
        signs: dict[int, Sign] = {}
        for service, own in told.items():
            context = evidence.context(self.room.series.topology.services[service])
            limits = self._limits(service, context)
            options = [self._weigh(found, row, limits, minute, evidence) for row in own]
            best = max(options, key=lambda s: (s.confirms, s.opens, s.z))
            signs[service] = best
            old = self.episodes.get(service)
            if old is None or (old.is_over and minute - old.closed > 2 * ECHO_MINUTES):
                self.calm.note(service, best.z)
        return signs

    def _limits(self, service: int, context: Context) -> Thresholds:
        """Thresholds of a Service, for its number of series and what its vendor says.

        A Service with m > 10 series has h_m = sqrt(h^2 + 2 ln(m / 10)): Bonferroni.
        """
        room = self.room
        world = room.series.members[service][0]
        day = float(room.baseline.level[world]) * 96.0
        own = room.parameters.for_service(room.series.topology.services[service], day)
        chances = 2.0 * np.log(max(len(room.series.members[service]) / 10.0, 1.0))
        relief = room.parameters.official_relief if context.official is Official.INCIDENT else 0.0
        shift = chances - relief
        nervous = self.calm.factor(service)
        return Thresholds(
            possible_z=float(np.sqrt(max((nervous * own.possible_z) ** 2 + shift, LEAST_Z**2))),
            confirmed_z=float(np.sqrt(own.confirmed_z**2 + chances)),
            possible_excess=own.possible_excess,
            confirmed_excess=own.confirmed_excess,
        )

    def _weigh(
        self, found: Findings, row: int, limits: Thresholds, minute: int, evidence: Evidence
    ) -> Sign:
        room, series = self.room, int(found.series[row])
        z, excess = float(found.z[row]), float(found.excess[row])
        window, observed = int(found.window[row]), float(found.observed[row])
        z = self._without_daily(found, row, z, minute)
        service, region = int(room.series.service[series]), int(room.series.region[series])
        topology = room.series.topology
        networks = evidence.networks(topology.services[service], topology.regions[region])
        if networks is not None:
            people = room.parameters.reports_per_network * networks
            hour = float(room.ring.observed(60, np.array([series]))[0])
            z /= max(1.0, hour / max(people, 1.0)) ** 0.5
            excess = min(excess, people)
        slow = bool(found.slow[row]) and z > 0.0
        surge = z >= limits.possible_z
        reason = Reason.SURGE if surge else Reason.SLOW
        opens = (surge or slow) and excess >= limits.possible_excess
        confirms = z >= limits.confirmed_z and excess >= limits.confirmed_excess
        if opens and room.baseline.seen[room.series.members[service][0]] < LEARNING:
            opens = self._is_crowd(service, window, observed, minute)
            confirms &= opens
            reason = Reason.CROWD
        return Sign(
            series=series,
            reason=reason,
            z=z,
            window=window,
            observed=observed,
            expected=float(found.expected[row]),
            excess=excess,
            networks=networks,
            opens=opens,
            confirms=confirms,
        )

    def _without_daily(self, found: Findings, row: int, z: float, minute: int) -> float:
        """Score without a burst that comes at this time every day; remembers bursts."""
        series, window = int(found.series[row]), int(found.window[row])
        extra = float(found.observed[row] - found.expected[row])
        due = self.bursts.due(series, minute - window + 1, minute)
        if window <= BURST_WINDOW:
            self.bursts.note(series, minute, extra)
        if due <= 0.0:
            return z
        at, windows = np.array([series]), np.array([window])
        left = np.maximum(found.observed[row : row + 1] - 1.5 * due, 0.0)
        variance = spread(self.room.baseline, at, windows)[0]
        mean = np.maximum(found.expected[row : row + 1], 1e-6)
        return float(score(left, mean, variance, self.room.parameters.least_ratio)[0])

    def _is_crowd(self, service: int, window: int, observed: float, minute: int) -> bool:
        """Whether Reports are unmistakable for a Service with less than a day of history."""
        parameters = self.room.parameters
        age = minute - int(self.room.baseline.born[service]) * 15
        launch = minute - self.first_minute > 1440 and age < 1440
        rate = parameters.launch_rate if launch else parameters.crowd_rate
        return observed >= parameters.crowd_reports and observed >= rate * window

    # Opening

    def _open(self, service: int, sign: Sign, minute: int, evidence: Evidence) -> Iterator[Move]:
        room = self.room
        slug = room.series.topology.services[service]
        if evidence.context(slug).hold:
            return
        old = self.episodes.get(service)
        rate = self._excess_rate(sign.series)
        if old is not None and rate < echo_bar(old, minute, room.parameters.echo_share):
            return
        members = np.array(room.series.members[service])
        self.peak_counts[members] = 0.0
        self._follow_peaks(members)
        started = minute - sign.window + 1
        scope = self._scope(service, max(min(sign.window, 60), 5))
        region = smallest_holding(room.series.topology, scope)
        fresh = Episode(service, State.POSSIBLE, started, minute, scope, region)
        fresh.peak_excess = rate
        origin: State | None = None
        if old is not None and minute - old.closed <= REOPEN_MINUTES:
            origin = State.OVER
            fresh.started, fresh.dips = old.started, old.dips + 1
            fresh.peak_excess = max(rate, 0.5 * old.peak_excess)
        fresh.since = started
        fresh.strong = int(sign.confirms)
        self.episodes[service] = fresh
        self._find_cause(fresh, minute)
        yield self._move(fresh, origin, sign.reason, minute, sign)

    def _excess_rate(self, series: int) -> float:
        """Largest excess a minute over the last ten minutes (five, while it is young)."""
        at = np.array([series])
        return max(
            float((self.room.ring.observed(w, at) - self.room.ring.expected(w, at))[0]) / w
            for w in (5, 10)
        )

    # Going on

    def _carry_on(
        self, episode: Episode, sign: Sign | None, minute: int, evidence: Evidence
    ) -> Iterator[Move]:
        context = evidence.context(self.room.series.topology.services[episode.service])
        node = self._node(episode)
        episode.peak_excess = max(episode.peak_excess, self._excess_rate(node))
        yield from self._follow_cause(episode, minute)
        yield from self._confirm(episode, sign, minute, context)
        if sign is not None and sign.opens:
            yield from self._follow_scope(episode, sign, minute)
        yield from self._close_if_over(episode, node, minute)

    def _node(self, episode: Episode) -> int:
        number = self.room.series.number(episode.service, episode.region)
        return self.room.series.members[episode.service][0] if number is None else number

    def _confirm(
        self, episode: Episode, sign: Sign | None, minute: int, context: Context
    ) -> Iterator[Move]:
        strong = sign is not None and sign.confirms
        episode.strong = episode.strong + 1 if strong else 0
        if sign is None or episode.state is not State.POSSIBLE:
            return
        if context.hold or context.maintenance or self._held(episode):
            return
        if episode.strong >= self.room.parameters.confirm_minutes:
            episode.state = State.CONFIRMED
            yield self._move(episode, State.POSSIBLE, sign.reason, minute, sign)

    def _held(self, episode: Episode) -> bool:
        parent = self.episodes.get(episode.cause)
        return is_held(episode.peak_excess, parent, self.room.parameters.dependency_share)

    def _find_cause(self, episode: Episode, minute: int) -> bool:
        """Look for a dependency that explains it; whether the answer changed."""
        pairs = self.room.series.topology.dependencies
        parents = [parent for child, parent in pairs if child == episode.service]
        if not parents:
            return False
        cause = find_cause(parents, self.episodes, minute, episode.peak_excess)
        changed = cause not in (-1, episode.cause)
        if changed:
            episode.cause = cause
        return changed

    def _follow_cause(self, episode: Episode, minute: int) -> Iterator[Move]:
        if self._find_cause(episode, minute):
            yield self._move(episode, episode.state, Reason.CAUSE, minute, None)

    def _follow_scope(self, episode: Episode, sign: Sign, minute: int) -> Iterator[Move]:
        seen = self._scope(episode.service, max(min(sign.window, 60), 15))
        if set(seen) == set(episode.scope):
            episode.pending = ()
            return
        if set(seen) != set(episode.pending):
            episode.pending, episode.pending_since = seen, minute
        if minute - episode.pending_since < self.room.parameters.scope_minutes:
            return
        episode.scope, episode.pending = seen, ()
        episode.region = smallest_holding(self.room.series.topology, seen)
        yield self._move(episode, episode.state, Reason.SCOPE, minute, sign)

    def _scope(self, service: int, window: int) -> tuple[int, ...]:
        room = self.room
        members = np.array(room.series.members[service])
        observed, expected = (
            room.ring.observed(window, members),
            room.ring.expected(window, members),
        )
        regions = room.series.region[members].tolist()
        excess = {
            region: Excess(float(x - m), float(m))
            for region, x, m in zip(regions, observed, expected, strict=True)
        }
        root = room.series.topology.parents.index(-1)
        return find_scope(room.series.topology, root, excess)

    # Closing

    def _close_if_over(self, episode: Episode, node: int, minute: int) -> Iterator[Move]:
        room = self.room
        at = np.array([node])
        reports, usual = float(room.ring.observed(1, at)[0]), float(room.ring.expected(1, at)[0])
        dispersion = float(room.baseline.slow[node] + room.baseline.fast[node])
        evidence = quiet_evidence(reports, usual, max(episode.peak_excess, 0.1), dispersion)
        reason = None
        if follow_quiet(episode, evidence, room.parameters.quiet_nats):
            reason = Reason.QUIET
        elif self._is_new_usual(episode, at, minute):
            reason = Reason.ADOPTED
            self._adopt(episode)
        if reason is not None:
            yield self._end(episode, reason, minute)

    def _is_new_usual(self, episode: Episode, at: Ints, minute: int) -> bool:
        age = minute - episode.opened
        if age % BLOCK or not age:
            return False
        ring, parameters = self.room.ring, self.room.parameters
        sums = float(ring.observed(BLOCK, at)[0]), float(ring.expected(BLOCK, at)[0])
        episode.blocks.append(sums)
        length = minute - episode.since
        if length >= parameters.longest_minutes:
            return True
        if length < parameters.plateau_minutes - 6 * BLOCK:
            return False
        variance = float(spread(self.room.baseline, at, np.array([BLOCK]))[0, 0])
        plateau = judge_plateau(episode.blocks[2:], variance)
        if not (plateau.flat and 1.3 <= plateau.ratio <= parameters.plateau_ratio):
            return False
        late = length >= parameters.plateau_minutes
        return plateau.nats >= (parameters.plateau_nats if not late else 0.0)

    def _adopt(self, episode: Episode) -> None:
        """Make the rate of the last two hours the level of every series of the Service."""
        members = np.array(self.room.series.members[episode.service])
        observed = self.room.ring.observed(120, members)
        expected = self.room.ring.expected(120, members)
        ratio = self.room.baseline.adopt(members, observed, expected)
        self.room.ring.rescale(members, ratio)

    def _end(self, episode: Episode, reason: Reason, minute: int) -> Move:
        old, episode.state, episode.closed = episode.state, State.OVER, minute
        episode.blocks.clear()
        return self._move(episode, old, reason, minute, None)

    def end(self, service: int, minute: int) -> Move | None:
        """Close a Service's Outage from outside; None when none is open."""
        episode = self.episodes.get(service)
        if episode is None or episode.is_over:
            return None
        return self._end(episode, Reason.CLOSED, minute)

    def affirm(self, service: int, minute: int) -> Move | None:
        """Confirm a Service's possible Outage from outside; None when there is none."""
        episode = self.episodes.get(service)
        if episode is None or episode.state is not State.POSSIBLE:
            return None
        episode.state = State.CONFIRMED
        return self._move(episode, State.POSSIBLE, Reason.AFFIRMED, minute, None)

    # Telling

    def _follow_peaks(self, members: Ints | None = None) -> None:
        """Keep the best quarter-hour of every series of a Service in outage."""
        if members is None:
            lists = [self.room.series.members[service] for service in self.open_services()]
            if not lists:
                return
            members = np.concatenate([np.array(numbers) for numbers in lists])
        counts = self.room.ring.observed(15, members)
        better = counts > self.peak_counts[members]
        at = members[better]
        self.peak_counts[at] = counts[better]
        self.peak_means[at] = self.room.ring.expected(15, at)

    def _move(
        self, episode: Episode, origin: State | None, reason: Reason, minute: int, sign: Sign | None
    ) -> Move:
        topology, node = self.room.series.topology, self._node(episode)
        return Move(
            service=topology.services[episode.service],
            from_state=origin,
            to_state=episode.state,
            reason=reason,
            minute=minute,
            started=episode.started,
            regions=tuple(topology.regions[region] for region in episode.scope),
            region=topology.regions[episode.region],
            peak_count=int(self.peak_counts[node]),
            expected_at_peak=round(float(self.peak_means[node]), 3),
            cause=topology.services[episode.cause] if episode.cause >= 0 else None,
            numbers=self._numbers(node, sign),
        )

    def _numbers(self, node: int, sign: Sign | None) -> Numbers:
        room = self.room
        at = np.array([node if sign is None else sign.series])
        window = 15 if sign is None else sign.window
        expected = room.ring.expected(window, at)
        low, high = usual_band(expected, spread(room.baseline, at, np.array([window]))[0])
        return Numbers(
            region=room.series.topology.regions[int(room.series.region[at[0]])],
            window=window,
            observed=int(room.ring.observed(window, at)[0]),
            expected=round(float(expected[0]), 3),
            low=round(float(low[0]), 1),
            high=round(float(high[0]), 1),
            z=0.0 if sign is None else round(sign.z, 2),
            networks=None if sign is None else sign.networks,
            parameters=room.parameters.version,
        )
