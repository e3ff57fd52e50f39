"""The values that go into and come out of the detector.

Minutes are whole UTC minutes since 1970-01-01T00:00Z; minute ``t`` holds the Reports received in
[60 t, 60 t + 60) seconds. Services are named by slug, Regions by code; the root Region's code is
the empty string (worldwide, and also where a Report of unknown place is counted).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

WORLD: Final = ""
"""Code of the root Region."""


class State(StrEnum):
    """State of an Outage."""

    POSSIBLE = "possible"
    CONFIRMED = "confirmed"
    OVER = "over"


class Reason(StrEnum):
    """Which rule made a Move."""

    SURGE = "surge"  # the scan over short and long windows
    SUDDEN = "sudden"  # a jump above the hour before
    SLOW = "slow"  # a moderate excess that lasts
    CROWD = "crowd"  # unmistakable crowd on a service too new to have a baseline
    OFFICIAL = "official"  # a weaker crowd, and the vendor itself declares an incident
    SCOPE = "scope"  # the set of Regions that explain the excess changed
    CAUSE = "cause"  # a dependency's larger crowd was found to explain the excess
    QUIET = "quiet"  # the excess has gone
    ADOPTED = "adopted"  # a steady plateau became the new baseline
    AFFIRMED = "affirmed"  # confirmed from outside (a moderator)
    CLOSED = "closed"  # closed from outside (a moderator)


class Official(StrEnum):
    """What the vendor's own status page says of a Service."""

    OPERATIONAL = "operational"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True)
class Topology:
    """What exists: Services, the Region tree, and who depends on whom.

    Attributes:
        services: slugs; an index into this tuple names a Service in counts.
        regions: Region codes; exactly one of them, the root, is ``""``.
        parents: for each Region the index of its parent, -1 for the root.
        zones: for each Region its IANA time zone; unknown names count as UTC.
        dependencies: pairs (child, parent) of Service indices: the child depends on the parent.

    Raises:
        ValueError: on repeated slugs or codes, or on a tree without exactly one root.

    >>> Topology(("web",), ("", "US", "US-CA"), (-1, 0, 1), ("UTC",) * 3).path(2)
    (2, 1, 0)
    """

    services: tuple[str, ...]
    regions: tuple[str, ...] = (WORLD,)
    parents: tuple[int, ...] = (-1,)
    zones: tuple[str, ...] = ("UTC",)
    dependencies: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be a tree."""
        if len(set(self.services)) != len(self.services):
            raise ValueError("a service slug is repeated")
        if len(set(self.regions)) != len(self.regions):
            raise ValueError("a region code is repeated")
        if not len(self.regions) == len(self.parents) == len(self.zones):
            raise ValueError("regions, parents and zones differ in length")
        roots = [code for code, up in zip(self.regions, self.parents, strict=True) if up < 0]
        if roots != [WORLD]:
            raise ValueError(f"exactly one root, the empty code, is wanted, not {roots}")

    @property
    def root(self) -> int:
        """Index of the world."""
        return self.parents.index(-1)

    def path(self, region: int) -> tuple[int, ...]:
        """Indices from a Region up to the root, both included."""
        steps = [region]
        while (up := self.parents[steps[-1]]) >= 0:
            steps.append(up)
        return tuple(steps)


@dataclass(frozen=True, slots=True)
class Context:
    """What is known of a Service beside its counts, now.

    Attributes:
        official: what its own status page says; None when it has none or was not reached.
        maintenance: announced maintenance is under way: an Outage stays `possible`.
        hold: an operator holds it (a declared surge): nothing opens and nothing is confirmed.
        posts: far more people than usual say elsewhere, in public, that it fails. They are no
            Reports: they neither open nor confirm anything, they make a crowd of Reports likelier
            to be one.
    """

    official: Official | None = None
    maintenance: bool = False
    hold: bool = False
    posts: bool = False


class Evidence(Protocol):
    """Asked only for the few Services whose counts stand out this minute."""

    def networks(self, service: str, region: str) -> int | None:
        """Distinct networks behind the last 60 minutes' Reports; None when not known."""

    def context(self, service: str) -> Context:
        """Official state, maintenance and hold of a Service."""


class NoEvidence:
    """Evidence where counts are all there is, as in a replay."""

    def networks(self, service: str, region: str) -> int | None:  # noqa: ARG002 (the protocol's)
        """Not known."""
        return None

    def context(self, service: str) -> Context:  # noqa: ARG002 (the protocol's)
        """Nothing known."""
        return Context()


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers that made a Move.

    Attributes:
        region: code of the Region whose counts they are.
        window: minutes counted back from the end of the Move's minute.
        observed: Reports in that window.
        expected: Reports the Baseline expects there.
        low: lower edge of the usual band (95 %) for that window, in Reports.
        high: its upper edge.
        z: Score, the signed root of twice the log likelihood ratio, largest over all windows.
        networks: distinct networks behind the last 60 minutes' Reports; None when not known.
        parameters: version of the Parameters.
        sensitivity: step that held for the Service, see `Sensitivity`.
        bar: Score that opened an Outage then; None where no Score was at stake.
    """

    region: str
    window: int
    observed: int
    expected: float
    low: float
    high: float
    z: float
    networks: int | None
    parameters: str
    sensitivity: str = "normal"
    bar: float | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """One change of one Outage: what an OutageEvent is written from.

    Attributes:
        service: its slug.
        from_state: None when a new Outage opens; `over` when one re-opens.
        to_state: equal to from_state when only scope or cause change.
        reason: the rule that made it.
        minute: last minute looked at; the Move's instant is the end of that minute.
        started: first minute of the episode as estimated (start of the best window).
        regions: scope, codes in order of their excess; ``("",)`` is worldwide.
        region: smallest Region that holds the scope, ``""`` is worldwide.
        peak_count: most Reports in any 15 minutes in a row since `started`, in `region`.
        expected_at_peak: Reports the Baseline expects in just those 15 minutes in `region`.
        cause: slug of the dependency that may explain it, else None.
        numbers: see Numbers.
    """

    service: str
    from_state: State | None
    to_state: State
    reason: Reason
    minute: int
    started: int
    regions: tuple[str, ...]
    region: str
    peak_count: int
    expected_at_peak: float
    cause: str | None
    numbers: Numbers


@dataclass(frozen=True, slots=True)
class Step:
    """What one minute did.

    Attributes:
        minute: the minute looked at.
        moves: in order of service index.
        missing: whether the minute was left out, for all Services, for want of intake.
    """

    minute: int
    moves: tuple[Move, ...] = ()
    missing: bool = False
