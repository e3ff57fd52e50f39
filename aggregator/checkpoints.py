"""The detector's memory, written down: saved as Minutes pass, dropped when old counts change."""

from datetime import datetime

from aggregator.clock import minute_of, start_of
from aggregator.detection import Engine, Parameters, Topology
from aggregator.models import EngineCheckpoint

EVERY_MINUTES = 360
KEPT = 8


def save_if_due(engine: Engine, until: int) -> None:
    """Save an engine that knows every Minute before `until`, four times a day.

    Args:
        engine: the detector.
        until: in minutes since 1970.
    """
    if until % EVERY_MINUTES:
        return
    version = engine.parameters.version
    EngineCheckpoint.objects.update_or_create(
        at=start_of(until), defaults={"parameters": version, "data": engine.checkpoint()}
    )
    mine = EngineCheckpoint.objects.filter(parameters=version).order_by("-at")
    newest = list(mine.values_list("at", flat=True)[:KEPT])
    EngineCheckpoint.objects.exclude(at__in=newest).delete()


def restore(topology: Topology, parameters: Parameters, until: int) -> tuple[Engine, int] | None:
    """The newest engine that knows no Minute from `until` on, and the first it does not know.

    Returns:
        None when no checkpoint of these parameters is that old.
    """
    saved = (
        EngineCheckpoint.objects.filter(at__lte=start_of(until), parameters=parameters.version)
        .order_by("-at")
        .first()
    )
    if saved is None:
        return None
    return Engine.restore(bytes(saved.data), topology, parameters), minute_of(saved.at)


def drop_after(changed: datetime) -> None:
    """Drop what was learnt from a Minute whose count has changed, and from all after it.

    Must run in the transaction that changes the count.
    """
    EngineCheckpoint.objects.filter(at__gt=changed).delete()
