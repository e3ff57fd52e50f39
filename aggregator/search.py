"""Finding a Service by what people call it, also when they mistype it. Pure."""

import unicodedata
from collections.abc import Iterable

from rapidfuzz.distance import OSA

# Two letters of eight wrong, or two neighbours swapped in a short word, still find the Service.
CLOSE_ENOUGH = 0.72
SHORTEST_MISTYPED = 4


def normal(words: str) -> str:
    """Words without case, accents and doubled spaces.

    >>> normal("  Crédit   Agricole ")
    'credit agricole'
    """
    parts = unicodedata.normalize("NFKD", words.casefold())
    return " ".join("".join(c for c in parts if not unicodedata.combining(c)).split())


def likeness(asked: str, name: str) -> float:
    """How well a name answers what was asked, both `normal`: 0 not at all, 4 the very same.

    >>> likeness("github", "github"), likeness("git", "github"), likeness("hub", "github")
    (4.0, 3.0, 1.0)
    >>> likeness("web", "amazon web services"), likeness("gihtub", "github") > 0
    (2.0, True)
    """
    if asked == name:
        return 4.0
    if name.startswith(asked):
        return 3.0
    words = name.split()
    if any(word.startswith(asked) for word in words):
        return 2.0
    if asked in name:
        return 1.0
    if len(asked) < SHORTEST_MISTYPED:
        return 0.0
    return max(
        OSA.normalized_similarity(asked, known, score_cutoff=CLOSE_ENOUGH)
        for known in (name, *words)
    )


def search(asked: str, names: Iterable[tuple[str, str]], size: int) -> list[str]:
    """The keys whose names answer best, best first; each key once.

    Args:
        asked: what somebody typed.
        names: pairs of a key and one of its `normal` names.
        size: at most so many.

    >>> names = [("claude", "claude"), ("claude", "claude code"), ("aws", "amazon web services")]
    >>> search("Cluade", names, 5), search("amazn", names, 5)
    (['claude'], ['aws'])
    """
    words = normal(asked)
    best: dict[str, float] = {}
    if not words:
        return []
    for key, name in names:
        if (score := likeness(words, name)) > best.get(key, 0.0):
            best[key] = score
    return sorted(best, key=lambda key: (-best[key], key))[:size]
