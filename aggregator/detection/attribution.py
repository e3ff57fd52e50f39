"""Whether a Service's excess is explained by a Service it depends on."""

from collections.abc import Mapping
from operator import itemgetter

from aggregator.detection.states import Episode

AFTERMATH = 60
"""Minutes after a dependency's Outage in which it still explains what its dependents see."""


def find_cause(
    crowds: Mapping[int, float], episodes: Mapping[int, Episode], minute: int, peak_excess: float
) -> tuple[int, float]:
    """The dependency with the largest crowd, larger than the child's own, and that crowd.

    Args:
        crowds: by Service index the child depends on, in Reports a minute over the expected; 0
            for one that does not stand out now. One in outage has its peak.
        episodes: by Service index.
        minute: now.
        peak_excess: the child's, in Reports a minute.

    Returns:
        Its Service index and Reports a minute over the expected; (-1, 0.0) for none.

    >>> find_cause({4: 0.0, 7: 90.0}, {}, 0, 10.0)
    (7, 90.0)
    >>> find_cause({4: 0.0, 7: 9.0}, {}, 0, 10.0)
    (-1, 0.0)
    >>> find_cause({4: 0.0}, {}, 0, -0.1)
    (-1, 0.0)
    """
    excess = {at: _excess(crowd, episodes.get(at), minute) for at, crowd in crowds.items()}
    parent, most = max(excess.items(), key=itemgetter(1), default=(-1, 0.0))
    return (parent, most) if most > max(peak_excess, 0.0) else (-1, 0.0)


def _excess(crowd: float, episode: Episode | None, minute: int) -> float:
    """What a dependency brings now, or brought at the peak of an Outage that still counts."""
    if episode is None or (episode.is_over and minute - episode.closed > AFTERMATH):
        return crowd
    return max(crowd, episode.peak_excess)
