"""How readily Outages are told: what holds, and the verbs that change it from now on."""

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.db import transaction

from aggregator.clock import minute_of, start_of
from aggregator.detection import Change, Course
from aggregator.models import EvaluationMark, SensitivityChange
from reports import trail
from reports.models import ModerationEntry, Service
from reports.models.moderation import Act
from reports.trail import Doing, NotUndoableError

log = structlog.get_logger(__name__)

SETTING = "OUTCRY_SENSITIVITY"


class NoChangeError(Exception):
    """It is so already."""


@dataclass(frozen=True, slots=True)
class Held:
    """What holds for a Service now: its own step, "" for none, and the site's value."""

    own: str
    site: str


def changes() -> list[Change]:
    """All changes, in the order they were made (one query)."""
    rows = SensitivityChange.objects.order_by("pk").values_list("since", "service__slug", "value")
    return [Change(minute_of(since), slug or "", value) for since, slug, value in rows]


def course() -> Course:
    """What held when, for the detector (one query)."""
    return Course(changes())


def held(service: Service) -> Held:
    """What was last chosen for a Service and for the site (two queries)."""
    return Held(_last(service), _last(None) or "normal")


def change(service: Service, value: str, doing: Doing) -> ModerationEntry:
    """Have a Service told at another step from now on. Opens a transaction.

    Args:
        service: which.
        value: `low`, `normal` or `high`, or "" to follow the site.
        doing: who, why, when.

    Raises:
        NoChangeError: when it is so already.
        ValueError: for another value.
    """
    with transaction.atomic():
        return _change(service, value, doing)


def undo(entry: ModerationEntry, doing: Doing) -> ModerationEntry:
    """Have again what held before a change, from now on. Opens a transaction.

    Raises:
        NotUndoableError: when it was another act, or has been changed again since.
        reports.trail.UndoneAlreadyError: when it was undone before.
    """
    if entry.act != Act.TUNE or "sensitivity" not in entry.before:
        raise NotUndoableError
    with transaction.atomic():
        service = Service.objects.filter(pk=entry.before["service"]).first()
        if service is None or _last(service) != entry.before["became"]:
            raise NotUndoableError
        return _change(service, str(entry.before["sensitivity"]), doing, undoes=entry)


def take_site_default(value: str, now: datetime) -> bool:
    """Follow the setting, from now on; before anything was evaluated, from the beginning.

    Opens a transaction.

    Args:
        value: as `aggregator.detection.parse_site` takes it.
        now: aware.

    Returns:
        Whether it is another than before.
    """
    with transaction.atomic():
        first = _first_minute(now)
        if (_last(None) or "normal") == value:
            return False
        _write(None, value, first, Doing(None, SETTING, now))
        return True


def _change(
    service: Service, value: str, doing: Doing, *, undoes: ModerationEntry | None = None
) -> ModerationEntry:
    # An evaluation under way ends first, and the next one sees the change.
    first = max(_first_minute(doing.now), minute_of(doing.now))
    before = _last(service)
    if before == value:
        raise NoChangeError
    _write(service, value, first, doing)
    kept = {"service": service.pk, "sensitivity": before, "became": value}
    subject = f"{service.name}: {before or 'as the site'} → {value or 'as the site'}"
    return trail.write(Act.TUNE, subject, doing, before=kept, undoes=undoes)


def _first_minute(now: datetime) -> int:
    """The first Minute that nobody has evaluated; 0 before the first evaluation. Holds the mark."""
    mark = EvaluationMark.objects.select_for_update().first()
    return 0 if mark is None else max(minute_of(now), minute_of(mark.evaluated_until))


def _last(service: Service | None) -> str:
    found = SensitivityChange.objects.filter(service=service).order_by("-pk")
    return found.values_list("value", flat=True).first() or ""


def _write(service: Service | None, value: str, first: int, doing: Doing) -> None:
    slug = service.slug if service else ""
    Change(first, slug, value)  # refuses what the detector could not follow
    SensitivityChange.objects.create(
        service=service,
        value=value,
        since=start_of(first),
        made_at=doing.now,
        made_by=doing.by,
    )
    log.info("sensitivity.changed", service=slug, value=value, since=start_of(first).isoformat())
