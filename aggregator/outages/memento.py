"""What an act changed of Outages, kept in its ModerationEntry so that it can be brought back."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from aggregator.models import Outage

FIELDS = (
    "state",
    "region_id",
    "regions",
    "started_at",
    "confirmed_at",
    "ended_at",
    "retracted_at",
    "peak_count",
    "expected_at_peak",
    "cause_id",
    "is_cause_set",
    "is_by_hand",
    "joined_into_id",
)
Kept = dict[str, object]


def snapshot(outage: Outage) -> Kept:
    """All that an act may change, as JSON can hold it."""
    values = ((name, getattr(outage, name)) for name in FIELDS)
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values
    }


def changes(pairs: Iterable[tuple[Outage, Kept]]) -> dict[str, object]:
    """What an entry keeps of an act.

    Args:
        pairs: Outages as the act left them, each with its snapshot from before; what is missing
            in a snapshot was not the act's to change.
    """
    was = {}
    left = {}
    for outage, before in pairs:
        now = snapshot(outage)
        was[str(outage.pk)] = {name: old for name, old in before.items() if now[name] != old}
        left[str(outage.pk)] = outage.state
    return {"outages": was, "left": left}


def bring_back(outage: Outage, kept: Mapping[str, object]) -> None:
    """Set what was kept; does not save."""
    for field in Outage._meta.concrete_fields:  # noqa: SLF001 - Django's documented way to them
        if field.attname in kept:
            setattr(outage, field.attname, field.to_python(kept[field.attname]))
