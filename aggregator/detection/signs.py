"""What each Service shows this minute, weighed with everything known beside its counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from aggregator.detection.bursts import BURST_AGE, DailyBursts
from aggregator.detection.calm import Calm
from aggregator.detection.look import Look, look
from aggregator.detection.params import Thresholds
from aggregator.detection.room import Room
from aggregator.detection.scan import (
    LEAST_Z,
    Findings,
    find_bursts,
    least_ratios,
    most_excess,
    scan,
    spread,
)
from aggregator.detection.scoring import score
from aggregator.detection.sensitivity import FACTORS
from aggregator.detection.states import ECHO_MINUTES, Episode
from aggregator.detection.sudden import WINDOWS, Known, sudden_scores
from aggregator.detection.types import Context, Evidence, Official, Reason

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

DAY_MINUTES: Final = 1440
HOLIDAY_FACTOR: Final = 1.25
"""Weekend over working day from which a holiday must be thought of."""
DAILY_SWING: Final = 1.5
"""How much larger than usual a daily burst may be."""


@dataclass(frozen=True, slots=True)
class Sign:
    """What one Service shows this minute, at its most telling Region.

    Attributes:
        series: number of the series.
        reason: rule by which it opens.
        z: Score, after breadth, daily bursts and holidays.
        window: minutes of the window that scores highest.
        excess: Reports over the expected within the last hour, capped by breadth.
        networks: distinct networks in the last hour; None when not known.
        bar: Score that opens an Outage of this Service by that rule.
        opens: whether it would open an Outage.
        confirms: whether it is strong enough to confirm one.
    """

    series: int
    reason: Reason
    z: float
    window: int
    excess: float
    networks: int | None
    bar: float
    opens: bool
    confirms: bool


class Signs:
    """Reads the counts of a minute; remembers each Service's calm days and daily bursts."""

    def __init__(self, room: Room) -> None:
        """Start without memories."""
        self.room = room
        self.calm = Calm()
        self.bursts = DailyBursts()
        self.first_minute = 0
        self.last: dict[int, Sign] = {}

    def read(
        self, minute: int, evidence: Evidence, episodes: Mapping[int, Episode]
    ) -> dict[int, Sign]:
        """The Services that stand out, by index, each at its most telling Region."""
        room = self.room
        self.calm.turn(minute)
        found = scan(room)
        self._only_since_close(found, minute, episodes)
        told = self._telling(found)
        signs: dict[int, Sign] = {}
        for service, rows in told.items():
            limits = self._limits(service, evidence.context(room.slug(service)))
            options = [self._weigh(found, row, limits, minute, evidence) for row in rows]
            best = max(options, key=lambda sign: (sign.confirms, sign.opens, sign.z))
            signs[service] = best
            old = episodes.get(service)
            if old is None or (old.is_over and minute - old.closed > 2 * ECHO_MINUTES):
                self.calm.note(service, best.z)
        self._note_bursts(minute)
        self.last = signs
        return signs

    def _only_since_close(
        self, found: Findings, minute: int, episodes: Mapping[int, Episode]
    ) -> None:
        """Let a Service just out of an Outage show only what came since its close.

        Else a Region whose long windows still hold the Outage that ended would speak for the
        Service, and what begins anew elsewhere would go unheard.
        """
        ring, windows = self.room.ring, self.room.parameters.windows
        owners = self.room.series.service[found.series]
        for service, episode in episodes.items():
            age = minute - episode.closed
            if not episode.is_over or age >= windows[-1]:
                continue
            rows = np.flatnonzero(owners == service)
            found.slow[rows] = found.sudden[rows] = False
            if age <= 0:  # closed from outside, after this minute
                found.z[rows] = 0.0
                continue
            at = found.series[rows]
            short = np.array([window for window in windows if window <= age])
            found.excess[rows] = most_excess(short, *ring.windows(short, at))
            best = self._best(at, short)
            found.z[rows], found.window[rows], found.observed[rows], found.expected[rows] = best

    def _best(self, series: Ints, windows: Ints) -> tuple[Floats, Ints, Floats, Floats]:
        """Score, window, observed and expected of the best of these windows, by series."""
        room, column = self.room, np.arange(len(series))
        observed, expected = room.ring.windows(windows, series)
        variance = spread(room.baseline, series, windows)
        deep = room.series.depth[series]
        ratios = least_ratios(deep, room.parameters)
        z = score(observed, np.maximum(expected, 1e-6), variance, ratios)
        best = z.argmax(axis=0)
        high = np.maximum(z[best, column] - room.parameters.region_z * (deep > 0), 0.0)
        return high, windows[best], observed[best, column], expected[best, column]

    def _telling(self, found: Findings) -> dict[int, list[int]]:
        """Rows worth weighing by Service: the highest Score, a slow burn and a jump."""
        owners = self.room.series.service[found.series]
        told: dict[int, list[int]] = {}
        for row in np.flatnonzero(found.slow | found.sudden).tolist():
            told.setdefault(int(owners[row]), []).append(row)
        telling = np.flatnonzero(found.z >= LEAST_Z)
        seen: set[int] = set()
        for row in telling[np.argsort(-found.z[telling], kind="stable")].tolist():
            service = int(owners[row])
            if service not in seen:
                seen.add(service)
                told.setdefault(service, []).append(row)
        return told

    def _limits(self, service: int, context: Context) -> Thresholds:
        """Thresholds of a Service: its sensitivity, number of series, what is said elsewhere.

        A Service with m > 10 series has h_m = sqrt(h^2 + 2 ln(m / 10)): Bonferroni.
        """
        room, parameters = self.room, self.room.parameters
        own = FACTORS[room.sensitivity(service)].of(parameters.thresholds)
        chances = 2.0 * np.log(max(len(room.series.members[service]) / 10.0, 1.0))
        told = context.official is Official.INCIDENT
        relief = parameters.official_relief * told + parameters.posts_relief * context.posts
        nervous = self.calm.factor(service)
        surge = nervous * own.possible_z
        sudden = nervous**parameters.sudden_nerves * own.sudden_z
        return Thresholds(
            possible_z=float(np.sqrt(max(surge**2 + chances - relief, LEAST_Z**2))),
            sudden_z=float(np.sqrt(max(sudden**2 - relief, LEAST_Z**2))),
            confirmed_z=float(np.sqrt(own.confirmed_z**2 + chances)),
            possible_excess=own.possible_excess,
            slow_excess=own.slow_excess,
            confirmed_excess=own.confirmed_excess,
        )

    def _weigh(
        self, found: Findings, row: int, limits: Thresholds, minute: int, evidence: Evidence
    ) -> Sign:
        """One series against its Service's thresholds."""
        room, series = self.room, int(found.series[row])
        service, region = int(room.series.service[series]), int(room.series.region[series])
        near = look(room, series)
        z, slow = self._calmest(found, row, near, minute)
        networks = evidence.networks(room.slug(service), room.series.topology.regions[region])
        z, excess = self._by_breadth(near, z, float(found.excess[row]), networks)
        jump, within = self._jump(found, row, minute, networks)
        surge, sudden = z >= limits.possible_z, jump >= limits.sudden_z
        reason = Reason.SURGE if surge else Reason.SUDDEN if sudden else Reason.SLOW
        least = limits.slow_excess if reason is Reason.SLOW else limits.possible_excess
        opens = (surge or sudden or slow) and excess >= least
        confirms = z >= limits.confirmed_z and excess >= limits.confirmed_excess
        told = reason is Reason.SUDDEN
        if opens and room.is_learning(service):
            reason = Reason.CROWD
            opens = self._is_crowd(service, near, minute, networks)
            confirms &= opens
        return Sign(
            series=series,
            reason=reason,
            z=jump if told else z,
            window=within if told else int(found.window[row]),
            excess=excess,
            networks=networks,
            bar=limits.sudden_z if told else limits.possible_z,
            opens=opens,
            confirms=confirms,
        )

    def _calmest(self, found: Findings, row: int, near: Look, minute: int) -> tuple[float, bool]:
        """Score and slow burn under the calmest explanation: daily burst, holiday, neither."""
        series = int(found.series[row])
        z = unexplained = self._without_daily(found, row, near, minute)
        service = int(self.room.series.service[series])
        nervous = self.calm.factor(service) * FACTORS[self.room.sensitivity(service)].scores
        slow = bool(found.slow[row]) and near.is_lasting(nervous)
        holiday = self._holiday(series, minute)
        if holiday > 1.0:
            slow = slow and near.is_lasting(nervous, holiday)
            z = min(z, near.score(factor=holiday) + self.room.parameters.holiday_relief)
        is_daily = unexplained < float(found.z[row])
        return z, slow and not (is_daily and unexplained < LEAST_Z)

    def _holiday(self, series: int, minute: int) -> float:
        """What a day off would bring, in usual rates; 1 where that is no more than usual."""
        factor = self.room.baseline.holiday_factor(self.room.series, series, minute // 15)
        return factor if factor >= HOLIDAY_FACTOR else 1.0

    def _jump(
        self, found: Findings, row: int, minute: int, networks: int | None
    ) -> tuple[float, int]:
        """Score and window of a jump above the hour before, under the calmest explanation."""
        if not found.sudden[row]:
            return 0.0, 0
        series = int(found.series[row])
        known = Known(
            factor=self._holiday(series, minute),
            daily=DAILY_SWING * self.bursts.due(series, minute - WINDOWS[-1] + 1, minute),
            people=np.inf if networks is None else self._people(networks),
        )
        scores = sudden_scores(self.room, np.array([series]), known)[:, 0]
        best = int(scores.argmax())
        return float(scores[best]), WINDOWS[best]

    def _people(self, networks: int) -> float:
        """Most Reports of so many networks that count in a Score."""
        return self.room.parameters.reports_per_network * networks

    def _by_breadth(
        self, near: Look, z: float, excess: float, networks: int | None
    ) -> tuple[float, float]:
        """Score and excess for how many networks the Reports come from.

        Of each network only the first few Reports count: however loud, one network is one place,
        and a flood from three of them is as surprising as a dozen Reports. The excess of the
        gates is in sources, fewer still.
        """
        if networks is None:
            return z, excess
        people = self._people(networks)
        if near.observed.max() > people:
            z = min(z, near.score(most=people))
        return z, min(excess, self.room.parameters.sources_per_network * networks)

    def _without_daily(self, found: Findings, row: int, near: Look, minute: int) -> float:
        """Score without a burst that comes at this time every day."""
        series, window = int(found.series[row]), int(found.window[row])
        due = self.bursts.due(series, minute - window + 1, minute)
        if due <= 0.0:
            return float(found.z[row])
        return near.score_without(DAILY_SWING * due, window)

    def _is_crowd(self, service: int, near: Look, minute: int, networks: int | None) -> bool:
        """Whether Reports are unmistakable for a Service with less than a day of history."""
        parameters = self.room.parameters
        if networks is not None and networks < parameters.crowd_networks:
            return False
        age = minute - int(self.room.baseline.born[service]) * 15
        launch = minute - self.first_minute > DAY_MINUTES and age < DAY_MINUTES
        return near.is_crowd(parameters.launch_rate if launch else parameters.crowd_rate)

    def _note_bursts(self, minute: int) -> None:
        series, excess = find_bursts(self.room.ring, self.room.baseline)
        for number, more in zip(series.tolist(), excess.tolist(), strict=True):
            self.bursts.note(number, minute - BURST_AGE, more)
