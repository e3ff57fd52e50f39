"""A Report before it is stored, and the answer to it after (pure)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from reports.fingerprint import Hashes


@dataclass(frozen=True, slots=True)
class Draft:
    """One person's statement, checked and placed, ready to be stored.

    Nothing in it tells who the person is. `region` is a Region's code, "" when unknown;
    `region_source` and `channel` are values of `RegionSource` and `Channel`; `received_at` is
    aware, UTC; `held_because` is a value of `HeldBecause`, or empty for a comment to be shown.
    """

    service_id: int
    problem_type_id: int | None
    region: str
    region_source: str
    hashes: Hashes
    channel: str
    comment: str
    received_at: datetime
    held_because: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The stored Report that answers a Draft: its own, or the earlier one that it repeats."""

    id: UUID
    received_at: datetime
    region: str
    is_repeat: bool


def firsts(drafts: Sequence[Draft]) -> list[int]:
    """For each Draft the index of the first one that it repeats, its own if it is the first.

    Drafts that wait together are seconds apart, far less than any dedupe window.
    """
    seen: dict[tuple[int, bytes], int] = {}
    found: list[int] = []
    for index, draft in enumerate(drafts):
        keys = [(draft.service_id, fingerprint) for fingerprint in draft.hashes.fingerprints()]
        first = next((seen[key] for key in keys if key in seen), index)
        for key in keys:
            seen.setdefault(key, first)
        found.append(first)
    return found


def lock_key(service_id: int, fingerprint: bytes) -> int:
    """The 64-bit signed number that stands for a reporter of a Service among database locks.

    Two that meet by chance only wait for each other.

    >>> lock_key(0, bytes([0, 0, 0, 0, 0, 0, 0, 5]) + bytes(8))
    5
    """
    return int.from_bytes(fingerprint[:8], signed=True) ^ service_id
