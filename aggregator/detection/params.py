"""Every number the detector is tuned by, with its unit and where it comes from.

Sources: M1 is the comparison of detectors in ``docs/method.md`` §"Where the numbers come from",
M2 to M6 the runs listed there for versions 2 to 6. A change of any default is a new `version`.
"""

from dataclasses import dataclass, replace
from typing import Final

VERSION: Final = "6"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a Service must show at normal sensitivity (see `sensitivity`).

    Attributes:
        possible_z: Score that opens an Outage (M1: 6.3).
        sudden_z: Score that a jump above the hour before must reach, worldwide (M4).
        confirmed_z: Score that confirms one (M1: 10).
        possible_excess: Reports over the expected, within an hour, before anything opens (M1: 10;
            M4: with 8, one outage in 150 more is found, and no more are false).
        slow_excess: the same for a slow burn (M5: of rare Reports, eight may be one cluster).
        confirmed_excess: the same for confirming (M1: 20).
    """

    possible_z: float = 6.3
    sudden_z: float = 4.8
    confirmed_z: float = 10.0
    possible_excess: float = 8.0
    slow_excess: float = 10.0
    confirmed_excess: float = 20.0


@dataclass(frozen=True, slots=True)
class Parameters:
    """All settings of one Engine; frozen, so that a version names them for good.

    Attributes:
        version: names this set in every Move.
        thresholds: what a Service must show, at normal sensitivity.
        windows: minutes over which counts are summed (M1: these ten).
        least_ratio: observed over expected below which nothing is seen: scheduled surges bring up
            to twice the usual (M1: 2; M6: in short windows, too, it spares false outages and costs
            none found).
        region_ratio: the same for Regions, whose moods swing more than the world's (M2).
        region_z: what a Region's Score must reach more than the world's (M4).
        slow_scores: pairs (window, Score): what a lasting moderate excess must reach there (M3).
        slow_ratio: rate, in usual rates, that it must surely exceed (M3: of four slow false
            outages it spares two, and costs none found).
        slow_sigmas: how surely, in standard deviations of the count (M2).
        sudden_nerves: power of a Service's nervousness that a jump's bar rises with: a few minutes
            feel heavy tails most (M5: on tweets; services that are not nervous see none of it).
        holiday_relief: what a Score may be lower when it is taken as on a day off: they are rare
            (M2; for slow burns M5).
        holiday_ratio: `slow_ratio` when it is taken as on a day off (M5: with both, of 122 slow
            burns two more are found, and no outage is false).
        confirm_minutes: minutes in a row at confirming strength (M2).
        official_relief: what an incident the vendor declares takes off the Scores asked for:
            2 ln(10^4) nats on z squared, prior odds raised ten thousandfold.
        posts_relief: the same for a crowd of public posts: 2 ln(10^2), a hundredfold. Like the
            other it lowers the bar of opening alone, not that of confirming.
        reports_per_network: Reports of one network taken for as many people (shared addresses).
        sources_per_network: Reports of one network that count towards the excess of the gates, so
            that five networks open an Outage and thirteen confirm one, where networks are known.
        place_excess: Reports over the expected that open an Outage of one small country where
            networks are not known: more than a dozen people who shared a link (M2).
        home_excess: the same of a country that usually sends most (M4).
        place_rest: Reports over the expected, a third of all at least, that must come from
            elsewhere before fewer than that do (M4).
        place_share: share of a Service's usual Reports below which a Region is small.
        crowd_networks: networks of a crowd that is unmistakable without any history.
        crowd_reports: Reports in one window that are unmistakable without any history.
        crowd_rate: Reports a minute they must come at.
        crowd_ratio: times the usual, as far as it is known, that they must be.
        launch_rate: the same where the platform has a past but the Service has none: more than the
            rush of a large launch, less than a story in the news (M3).
        quiet_nats: evidence, in nats, that an Outage is over (M3: with 6, six of fifteen early
            closes came less than ten minutes early).
        echo_share: share of a closed Outage's peak that a new surge must reach (M3).
        dependency_share: share of a dependency's excess below which it explains a Service's (M1:
            0.15; M5: a tenth of a crowd looks like that in its luckiest minutes).
        release_minutes: minutes in a row that a Service whose dependency is in outage must be too
            strong to be explained by it, before it is confirmed (M2).
        scope_minutes: minutes a new scope must hold before it is told.
        plateau_minutes: minutes after which a steady plateau is the new usual: with the wait for
            the next quarter-hour, just under six hours (M5: 340, where M2 had 310: fewer long
            outages that follow the day are taken for it).
        plateau_ratio: largest ratio to the usual that such a plateau may have.
        plateau_nats: evidence for "multiplied" over "added to" from which any such ratio counts
            (M2).
        grown_nats: the same, told by most Regions' own clocks, from which even one that began
            with a rush counts (M5: with 8, one of 20 tripled services stayed over six hours more).
        grown_ratio: largest ratio of such a plateau.
        doubtful_ratio: largest ratio of a plateau that is taken on without that evidence (M2).
        doubtful_until: minutes from which a plateau is taken on with evidence only: what has grown
            for good shows it by then, so what has not is rather an Outage (M3).
        doubtful_nats: evidence against it that does not keep such a plateau an Outage, where
            `doubtful_usual` Reports a quarter-hour are usual (so few tell nothing either way, M2).
        doubtful_usual: see `doubtful_nats`.
        usual_minutes: minutes of usual counts after which any Outage is over.
        longest_minutes: minutes after which any Outage becomes the new usual: two days.
    """

    version: str = VERSION
    thresholds: Thresholds = Thresholds()
    windows: tuple[int, ...] = (1, 2, 3, 5, 8, 13, 21, 34, 60, 120)
    least_ratio: float = 2.3
    region_ratio: float = 2.5
    region_z: float = 0.8
    slow_scores: tuple[tuple[int, float], ...] = (
        (13, 5.6),
        (21, 5.1),
        (34, 4.6),
        (60, 4.2),
        (120, 4.2),
    )
    slow_ratio: float = 2.3
    slow_sigmas: float = 2.0
    sudden_nerves: float = 3.0
    holiday_relief: float = 1.3
    holiday_ratio: float = 1.8
    confirm_minutes: int = 2
    official_relief: float = 18.4
    posts_relief: float = 9.2
    reports_per_network: float = 4.0
    sources_per_network: float = 1.6
    place_excess: float = 15.0
    home_excess: float = 10.0
    place_rest: float = 3.0
    place_share: float = 0.5
    crowd_networks: int = 24
    crowd_reports: float = 120.0
    crowd_rate: float = 30.0
    crowd_ratio: float = 4.0
    launch_rate: float = 200.0
    quiet_nats: float = 7.0
    echo_share: float = 0.25
    dependency_share: float = 0.2
    release_minutes: int = 10
    scope_minutes: int = 5
    plateau_minutes: int = 340
    plateau_ratio: float = 4.5
    plateau_nats: float = 5.0
    grown_nats: float = 6.0
    grown_ratio: float = 10.0
    doubtful_ratio: float = 3.4
    doubtful_until: int = 370
    doubtful_nats: float = 2.0
    doubtful_usual: float = 7.5
    usual_minutes: int = 30
    longest_minutes: int = 2880

    @property
    def least_excess(self) -> float:
        """Fewest Reports over the expected that any rule asks for, within an hour."""
        return self.thresholds.possible_excess

    def on_holiday(self) -> "Parameters":
        """What holds when a day is taken for a day off: those are rare, so a slow burn shows less.

        >>> Parameters().on_holiday().slow_ratio
        1.8
        """
        scores = tuple((window, z - self.holiday_relief) for window, z in self.slow_scores)
        return replace(self, slow_scores=scores, slow_ratio=self.holiday_ratio)

    def changed(self, version: str, **settings: object) -> "Parameters":
        """A copy with other settings, under a name of its own."""
        return replace(self, version=version, **settings)  # type: ignore[arg-type]  # names are the caller's
