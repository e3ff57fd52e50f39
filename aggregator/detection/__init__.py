"""The detector: pure, no Django, no I/O, no clock. Start reading at `engine`."""

from aggregator.detection.engine import Counts, Engine
from aggregator.detection.params import Parameters, Thresholds
from aggregator.detection.survey import Survey
from aggregator.detection.types import (
    WORLD,
    Context,
    Evidence,
    Move,
    NoEvidence,
    Numbers,
    Official,
    Reading,
    Reason,
    State,
    Step,
    Topology,
    Verdict,
)

__all__ = [
    "WORLD",
    "Context",
    "Counts",
    "Engine",
    "Evidence",
    "Move",
    "NoEvidence",
    "Numbers",
    "Official",
    "Parameters",
    "Reading",
    "Reason",
    "State",
    "Step",
    "Survey",
    "Thresholds",
    "Topology",
    "Verdict",
]
