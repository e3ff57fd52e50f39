"""How much more is reported in a place than usual, in five steps. Pure.

One fixed scale for all Services and times. The ratio is shrunk towards 1, because raw ratios of
small counts are mostly chance: simulated, they colour some US state in every quiet hour, this in
1.6 % of them.

Of a very large Service the last 15 minutes are compared, of all others the last 60. Simulated, a
place with 4 % of its Reports that jumps to five times the usual has its colour after 6 minutes
instead of 18, and loses it 9 minutes after the end instead of 43; some US state has one in 4 % of
quiet quarter-hours instead of 2 % of quiet hours. Below two Reports a minute it would be slower
than an hour, for a place then lacks the five Reports that have a colour at all.
"""

from aggregator.privacy import FEWER_THAN

# Reports added to both sides of the ratio.
SHRINK = 4
# The least ratio of each level from 1 up.
BOUNDS = (2, 3, 5, 10)
HIGHEST = len(BOUNDS)
# Usual Reports a minute, worldwide, from which a Service is very large: whoever has a 40th of them
# expects as many in 15 minutes as the ratio is shrunk by.
VERY_LARGE = 10.0
LONG_MINUTES = 60
SHORT_MINUTES = 15


def window(usual: float) -> int:
    """The minutes over which a Service's places are compared with their usual.

    Args:
        usual: its Reports a minute, worldwide, in an average week; by that and not by the hour,
            so that it is the same by night.

    >>> window(9.9), window(10.0)
    (60, 15)
    """
    return SHORT_MINUTES if usual >= VERY_LARGE else LONG_MINUTES


def level(observed: int, expected: float) -> int:
    """The level of a place, 0 (as usual) to 4 (ten times the usual or more).

    Counts that may not be published have level 0, so that a colour tells no more than the numbers.

    Args:
        observed: Reports of the last minutes, as many as `window` says.
        expected: Reports expected in them.

    >>> [level(n, 0.0) for n in (4, 5, 8, 16, 36)], level(12, 10.0), level(66, 10.0)
    ([0, 1, 2, 3, 4], 0, 3)
    """
    if observed < FEWER_THAN:
        return 0
    ratio = (observed + SHRINK) / (expected + SHRINK)
    return sum(ratio >= bound for bound in BOUNDS)


def least_level(observed: int, most: float) -> int | None:
    """The level that a place has at least, whose own usual is not known; None: nobody can tell.

    Args:
        observed: as above.
        most: Reports expected of the whole Service: no place of it has more.

    >>> least_level(630, 53.0), least_level(40, 53.0)
    (4, None)
    """
    return level(observed, most) or None
