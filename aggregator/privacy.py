"""Which counts of a Region may be shown. Pure; the reasons are in `docs/adr/0008`."""

from dataclasses import dataclass

FEWER_THAN = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """A count as the public sees it: the number, or that it is smaller than a bound."""

    count: int | None
    fewer_than: int | None


def shown(count: int, region: str) -> Shown:
    """A count of Reports as it may be published.

    Args:
        count: the Reports of a Service in one Region and span of time.
        region: the Region's code; the empty code (worldwide) is always shown exactly.

    >>> shown(12, "US-CA")
    Shown(count=12, fewer_than=None)
    >>> shown(4, "US-CA"), shown(0, "US-CA") == shown(4, "US-CA")
    (Shown(count=None, fewer_than=5), True)
    >>> shown(4, "")
    Shown(count=4, fewer_than=None)
    """
    if region and count < FEWER_THAN:
        return Shown(None, FEWER_THAN)
    return Shown(count, None)
