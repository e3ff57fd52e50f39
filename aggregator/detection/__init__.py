"""The detector: pure, no Django, no I/O, no clock. Start reading at `engine`."""

from aggregator.detection.engine import Counts, Engine
from aggregator.detection.params import Parameters, Thresholds
from aggregator.detection.sensitivity import (
    Change,
    Course,
    Sensitivities,
    Sensitivity,
    parse_site,
)
from aggregator.detection.survey import Survey
from aggregator.detection.types import (
    WORLD,
    Context,
    Evidence,
    Move,
    NoEvidence,
    Numbers,
    Official,
    Reason,
    State,
    Step,
    Topology,
)

__all__ = [
    "WORLD",
    "Change",
    "Context",
    "Counts",
    "Course",
    "Engine",
    "Evidence",
    "Move",
    "NoEvidence",
    "Numbers",
    "Official",
    "Parameters",
    "Reason",
    "Sensitivities",
    "Sensitivity",
    "State",
    "Step",
    "Survey",
    "Thresholds",
    "Topology",
    "parse_site",
]
