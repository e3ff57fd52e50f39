"""Every number the detector is tuned by, with its unit and where it comes from.

Sources: M1 is the comparison of detectors in ``docs/method.md`` §"Where the numbers come from",
M2 the runs listed there for this version. A change of any default is a new `version`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

VERSION: Final = "1"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a Service must show, by site, volume class or Service.

    Attributes:
        possible_z: Score that opens an Outage (M1: 6.3).
        confirmed_z: Score that confirms one (M1: 10).
        possible_excess: Reports over the expected in 60 minutes before anything opens (M1: 10).
        confirmed_excess: the same for confirming (M1: 20).
    """

    possible_z: float = 6.3
    confirmed_z: float = 10.0
    possible_excess: float = 10.0
    confirmed_excess: float = 20.0


@dataclass(frozen=True, slots=True)
class Parameters:
    """All settings of one Engine; frozen, so that a version names them for good.

    Attributes:
        version: names this set in every Move.
        thresholds: for Services that no override names.
        volume_thresholds: overrides by volume class: pairs (usual Reports a day at least, what
            holds from there on), ascending.
        service_thresholds: overrides by slug; they win over volume classes.
    """

    version: str = VERSION
    thresholds: Thresholds = Thresholds()
    volume_thresholds: tuple[tuple[float, Thresholds], ...] = ()
    service_thresholds: Mapping[str, Thresholds] = field(default_factory=dict)

    def for_service(self, slug: str, reports_per_day: float) -> Thresholds:
        """Thresholds of one Service given its usual volume.

        >>> strict = Thresholds(possible_z=8.0)
        >>> Parameters(volume_thresholds=((100.0, strict),)).for_service("web", 250.0).possible_z
        8.0
        """
        if slug in self.service_thresholds:
            return self.service_thresholds[slug]
        chosen = self.thresholds
        for least, thresholds in self.volume_thresholds:
            if reports_per_day >= least:
                chosen = thresholds
        return chosen

    def changed(self, version: str, **settings: object) -> "Parameters":
        """A copy with other settings, under a name of its own."""
        return replace(self, version=version, **settings)  # type: ignore[arg-type]  # names are the caller's
