"""Whether a Service's excess is explained by a Service it depends on."""

from collections.abc import Mapping

from aggregator.detection.states import Episode

AFTERMATH = 60
"""Minutes after a dependency's Outage in which it still explains what its dependents see."""


def find_cause(
    crowds: Mapping[int, float], episodes: Mapping[int, Episode], minute: int, peak_excess: float
) -> int:
    """The dependency with the largest crowd, larger than the child's own; -1 for none.

    Args:
        crowds: by Service index the child depends on, in Reports a minute over the expected; 0
            for one that does not stand out now. One in outage has its peak.
        episodes: by Service index.
        minute: now.
        peak_excess: the child's, in Reports a minute.

    >>> find_cause({4: 0.0, 7: 90.0}, {}, 0, 10.0)
    7
    """
    best, most = -1, peak_excess
    for parent, crowd in crowds.items():
        episode = episodes.get(parent)
        past = episode is None or (episode.is_over and minute - episode.closed > AFTERMATH)
        excess = crowd if episode is None or past else max(crowd, episode.peak_excess)
        if excess > most:
            best, most = parent, excess
    return best


def is_held(child_excess: float, parent: Episode | None, share: float) -> bool:
    """Whether a child may not be confirmed: its excess is a small share of its dependency's.

    >>> from aggregator.detection.types import State
    >>> parent = Episode(0, State.CONFIRMED, 0, 0, (0,), 0, peak_excess=100.0)
    >>> is_held(10.0, parent, 0.15), is_held(20.0, parent, 0.15), is_held(1.0, None, 0.15)
    (True, False, False)
    """
    return parent is not None and child_excess < share * parent.peak_excess
