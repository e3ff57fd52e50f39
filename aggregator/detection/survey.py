"""How all Services and places look at the end of a minute, as arrays: what readers are shown."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from aggregator.detection.baseline import LEARNING
from aggregator.detection.room import Room
from aggregator.detection.scan import spread
from aggregator.detection.scoring import usual_band

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

SHORT: Final = 15
LONG: Final = 60


@dataclass(frozen=True, slots=True)
class Survey:
    """Two tables of parallel arrays; indices are those of the Topology.

    Attributes:
        services: Services that ever had a Report, ascending, one row each; worldwide.
        learning: whether there is too little history to tell usual from unusual.
        observed: Reports of the last 15 minutes.
        expected: Reports expected in them.
        low: lower edge of the usual band (95 %), Reports in 15 minutes.
        high: its upper edge.
        last_hour: Reports of the last 60 minutes.
        usual: Reports a minute that an average week has.
        place_services: Service of each place, a row, in no order.
        place_regions: its Region, below the world, with Reports in the last 60 minutes.
        place_observed: Reports of the last 60 minutes.
        place_expected: Reports expected in them.
        place_known: whether anything was learnt of the place yet.
        place_recent: Reports of the last 15 minutes.
        place_recent_expected: Reports expected in them.
    """

    services: Ints
    learning: npt.NDArray[np.bool_]
    observed: Ints
    expected: Floats
    low: Floats
    high: Floats
    last_hour: Ints
    usual: Floats
    place_services: Ints
    place_regions: Ints
    place_observed: Ints
    place_expected: Floats
    place_known: npt.NDArray[np.bool_]
    place_recent: Ints
    place_recent_expected: Floats


def _known(room: Room, places: Ints) -> npt.NDArray[np.bool_]:
    """Whether Reports of a place were learnt from, and its Service has a day of history."""
    series, baseline = room.series, room.baseline
    worlds = np.array([own[0] if own else 0 for own in series.members], np.int64)
    is_ready = baseline.seen[worlds] >= LEARNING
    return np.asarray(is_ready[series.service[places]] & (baseline.level_reports[places] > 0.0))


def survey(room: Room) -> Survey:
    """Everything at once; a few operations over all series, whatever their number."""
    series, ring, baseline = room.series, room.ring, room.baseline
    services = np.flatnonzero([bool(own) for own in series.members])
    worlds = np.array([room.world(service) for service in services.tolist()], np.int64)
    expected = ring.expected(SHORT, worlds)
    low, high = usual_band(expected, spread(baseline, worlds, np.array([SHORT]))[0])
    places = np.flatnonzero((series.depth > 0) & (ring.observed(LONG) > 0))
    return Survey(
        services=services,
        learning=baseline.seen[worlds] < LEARNING,
        observed=ring.observed(SHORT, worlds).astype(np.int64),
        expected=expected,
        low=low,
        high=high,
        last_hour=ring.observed(LONG, worlds).astype(np.int64),
        usual=baseline.level[worlds] / SHORT,
        place_services=series.service[places],
        place_regions=series.region[places],
        place_observed=ring.observed(LONG, places).astype(np.int64),
        place_expected=ring.expected(LONG, places),
        place_known=_known(room, places),
        place_recent=ring.observed(SHORT, places).astype(np.int64),
        place_recent_expected=ring.expected(SHORT, places),
    )
