"""What makes Reports look made: few networks that say much, or many who say the same (pure).

Neither proves anything: a carrier's gateway is one network, and people do use the same words. So a
burst is a flag for a moderator. What it can do to an Outage until then is bounded by the
detector, which counts only a few Reports of each network.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from rapidfuzz import fuzz, process

LOUD: Final = 30
"""Reports of one network in the window from which it is loud. An IPv4 /24 has 256 addresses."""
LEAST: Final = 100
"""Reports of all loud networks together from which they are a burst."""
ALIKE: Final = 90
"""Likeness of two comments, of 100, from which they are the same words (rapidfuzz, token sort)."""
LEAST_ALIKE: Final = 8
"""Comments that are alike from which they are a burst."""
LEAST_LETTERS: Final = 16
"""Shorter ones are alike by nature: "it is down"."""


def loud_networks(counts: Mapping[bytes, int]) -> list[bytes]:
    """The networks that make a burst, the loudest first; none when there is no burst.

    Args:
        counts: Reports of one Service in the window, by network.

    >>> loud_networks({b"a": 60, b"b": 45, b"c": 2}), loud_networks({b"a": 60, b"c": 2})
    ([b'a', b'b'], [])
    """
    loud = [network for network, count in counts.items() if count >= LOUD]
    if sum(counts[network] for network in loud) < LEAST:
        return []
    return sorted(loud, key=lambda network: (-counts[network], network))


def alike(texts: Sequence[str]) -> list[int]:
    """The indices of the largest group of comments that are alike; empty when there is no burst.

    >>> spam = [f"Switch to OtherBank now, it never fails! {n}" for n in range(9)]
    >>> len(alike(["cannot log in to my account", *spam, "app is slow"])), alike(["down"] * 20)
    (9, [])
    """
    long = [index for index, text in enumerate(texts) if len(text.strip()) >= LEAST_LETTERS]
    if len(long) < LEAST_ALIKE:
        return []
    largest = next(groups([texts[index] for index in long]))
    return [long[index] for index in largest] if len(largest) >= LEAST_ALIKE else []


def groups(texts: Sequence[str]) -> Iterator[list[int]]:
    """The indices of comments in groups that are alike, the largest first; each is in one.

    Each group is all that is like one of its comments and is in no larger group.

    >>> list(groups(["buy coins at once!", "It is down in Berlin", "buy coins at once"]))
    [[0, 2], [1]]
    """
    words = [text.casefold() for text in texts]
    if not words:
        return
    near = process.cdist(words, words, scorer=fuzz.token_sort_ratio, score_cutoff=ALIKE) > 0
    while near.any():
        members = near[int(near.sum(axis=1).argmax())].nonzero()[0]
        yield [int(index) for index in members]
        near[members, :] = near[:, members] = False
