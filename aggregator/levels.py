"""How much more is reported in a place than usual, in five steps. Pure.

One fixed scale for all Services and times. The ratio is shrunk towards 1, because raw ratios of
small counts are mostly chance: simulated, they colour some US state in every quiet hour, this in
1.6 % of them.
"""

from aggregator.privacy import FEWER_THAN

# Reports added to both sides of the ratio.
SHRINK = 4
# The least ratio of each level from 1 up.
BOUNDS = (2, 3, 5, 10)
HIGHEST = len(BOUNDS)


def level(observed: int, expected: float) -> int:
    """The level of a place, 0 (as usual) to 4 (ten times the usual or more).

    Counts that may not be published have level 0, so that a colour tells no more than the numbers.

    Args:
        observed: Reports of the last 60 minutes.
        expected: Reports expected in them.

    >>> [level(n, 0.0) for n in (4, 5, 8, 16, 36)], level(12, 10.0), level(66, 10.0)
    ([0, 1, 2, 3, 4], 0, 3)
    """
    if observed < FEWER_THAN:
        return 0
    ratio = (observed + SHRINK) / (expected + SHRINK)
    return sum(ratio >= bound for bound in BOUNDS)
