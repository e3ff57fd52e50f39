"""Which Reports an act of moderation is about."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from reports import geography
from reports.models import Report


@dataclass(frozen=True, slots=True)
class Selection:
    """Which Reports an act is about: those that meet every condition given.

    `region` takes its descendants in, and "" the whole world; `since` is included, `until` is
    not, both aware; `fingerprint`, `network` and `networks` (any of them) are hashes as a Report
    has them.
    """

    service_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    region: str | None = None
    fingerprint: bytes | None = None
    network: bytes | None = None
    networks: Sequence[bytes] | None = None
    problem_type_id: int | None = None
    ids: Sequence[UUID] | None = None

    def __post_init__(self) -> None:
        """Refuse the selection of everything.

        Raises:
            ValueError: when no condition is given.
        """
        if not any(self._given()):
            message = "Give at least one condition."
            raise ValueError(message)

    def __str__(self) -> str:
        """The conditions, for the trail; hashes by their first bytes."""
        return "reports with " + ", ".join(
            f"{name.replace('_', ' ')} {_told(value)}" for name, value in self._given()
        )

    def among(self, reports: QuerySet[Report]) -> QuerySet[Report]:
        """Those of some Reports that are meant."""
        found = Q()
        lookups = {"since": "received_at__gte", "until": "received_at__lt"}
        lookups |= {"ids": "id__in", "networks": "network__in"}
        for name, value in self._given():
            if name == "region":
                found &= _within(str(value))
            else:
                found &= Q(**{lookups.get(name, name): value})
        return reports.filter(found)

    def _given(self) -> Iterable[tuple[str, object]]:
        values = ((one.name, getattr(self, one.name)) for one in fields(self))
        return [(name, value) for name, value in values if value is not None]

    def as_json(self) -> dict[str, object]:
        """The conditions as JSON can hold them; `of_json` reads them back."""
        return {name: _plain(value) for name, value in self._given()}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Selection":
        """The selection that `as_json` wrote."""
        return cls(**{name: _READ.get(name, _same)(value) for name, value in kept.items()})


def _within(region: str) -> Q:
    """A Region and its descendants; for the world every Report, also those of unknown place."""
    return Q(region_id__in=[region, *geography.descendants(region)]) if region else Q()


def _told(value: object) -> str:
    if isinstance(value, bytes):
        return f"{value.hex()[:8]}…"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"{len(value)} given"
    return str(value) or "world"


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, UUID) else value


def _same(value: Any) -> Any:  # noqa: ANN401 - what stands in JSON
    return value


_READ: dict[str, Callable[[Any], Any]] = {
    "since": datetime.fromisoformat,
    "until": datetime.fromisoformat,
    "fingerprint": bytes.fromhex,
    "network": bytes.fromhex,
    "networks": lambda many: [bytes.fromhex(one) for one in many],
    "ids": lambda many: [UUID(one) for one in many],
}
