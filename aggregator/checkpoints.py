"""The detector's memory, written down: saved as Minutes pass, dropped when old counts change."""

from datetime import datetime

import structlog

from aggregator import corrections
from aggregator.clock import minute_of, start_of
from aggregator.detection import Engine, Parameters, Topology
from aggregator.models import EngineCheckpoint

log = structlog.get_logger(__name__)

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
    since = corrections.earliest()
    if since is not None:
        # Whoever dies before a correction is settled takes its Minutes again from here.
        newest += mine.filter(at__lte=since).values_list("at", flat=True)[:1]
    EngineCheckpoint.objects.exclude(at__in=newest).delete()


def restore(topology: Topology, parameters: Parameters, until: int) -> tuple[Engine, int] | None:
    """The newest engine that knows no Minute from `until` on, and the first it does not know.

    Returns:
        None when no readable checkpoint of these parameters is that old.
    """
    kept = EngineCheckpoint.objects.filter(at__lte=start_of(until), parameters=parameters.version)
    for at in kept.order_by("-at").values_list("at", flat=True):
        data = EngineCheckpoint.objects.get(at=at).data
        try:
            return Engine.restore(bytes(data), topology, parameters), minute_of(at)
        except ValueError:
            # Of another version of the program, or damaged: what it knew is learnt again.
            log.warning("checkpoint.unreadable", at=at.isoformat())
    return None


def drop_after(changed: datetime) -> None:
    """Drop what was learnt from a Minute whose count has changed, and from all after it.

    Must run in the transaction that changes the count.
    """
    EngineCheckpoint.objects.filter(at__gt=changed).delete()
