"""Whether a Service's excess is explained by a Service it depends on."""

from collections.abc import Mapping

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
    """
    best = -1, 0.0
    for parent, crowd in crowds.items():
        episode = episodes.get(parent)
        past = episode is None or (episode.is_over and minute - episode.closed > AFTERMATH)
        excess = crowd if episode is None or past else max(crowd, episode.peak_excess)
        if excess > max(best[1], peak_excess):
            best = parent, excess
    return best
