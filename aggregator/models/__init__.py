"""The tables of what the reports mean, one module a subject."""

from aggregator.models.alert import Alert, Subscription
from aggregator.models.count import (
    CountCorrection,
    CountingMark,
    HourCount,
    MinuteCount,
    QuarterCount,
    SocialCount,
)
from aggregator.models.declaration import Declaration
from aggregator.models.effect import ReplayedEffect
from aggregator.models.official import (
    OfficialComponentState,
    OfficialIncident,
    OfficialPage,
    OfficialUpdate,
)
from aggregator.models.open_data import OpenDay, OpenFile
from aggregator.models.outage import Outage, OutageEvent, OutageNote
from aggregator.models.picture import (
    DayTrace,
    EngineCheckpoint,
    EvaluationMark,
    Expectation,
    PlaceStatus,
    ServiceStatus,
)
from aggregator.models.sensitivity import SensitivityChange, TunedService
from aggregator.models.signup import PushKey, Refusal, SignUp

__all__ = [
    "Alert",
    "CountCorrection",
    "CountingMark",
    "DayTrace",
    "Declaration",
    "EngineCheckpoint",
    "EvaluationMark",
    "Expectation",
    "HourCount",
    "MinuteCount",
    "OfficialComponentState",
    "OfficialIncident",
    "OfficialPage",
    "OfficialUpdate",
    "OpenDay",
    "OpenFile",
    "Outage",
    "OutageEvent",
    "OutageNote",
    "PlaceStatus",
    "PushKey",
    "QuarterCount",
    "Refusal",
    "ReplayedEffect",
    "SensitivityChange",
    "ServiceStatus",
    "SignUp",
    "SocialCount",
    "Subscription",
    "TunedService",
]
