"""How Statuspage writes instants, states and how bad it is: for its face and for webhooks. Pure."""

from datetime import UTC, datetime

DEGRADED, PARTIAL, MAJOR = "degraded_performance", "partial_outage", "major_outage"
OPERATIONAL = "operational"
_STATUS = {"possible": "investigating", "confirmed": "identified"}


def stamp(at: datetime) -> str:
    """An instant as Statuspage writes it: UTC, with milliseconds.

    >>> stamp(datetime(2026, 3, 18, 14, 5, tzinfo=UTC))
    '2026-03-18T14:05:00.000Z'
    """
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


def incident_status(state: str) -> str:
    """Where an Outage stands.

    >>> incident_status("possible"), incident_status("retracted")
    ('investigating', 'resolved')
    """
    return _STATUS.get(state, "resolved")


def impact_of(state: str, region: str | None) -> str:
    """How bad an Outage is; `region` is empty or None when it is worldwide.

    >>> impact_of("possible", None), impact_of("confirmed", "US")
    ('minor', 'major')
    >>> impact_of("confirmed", None), impact_of("over", None)
    ('critical', 'none')
    """
    if state == "possible":
        return "minor"
    if state != "confirmed":
        return "none"
    return "major" if region else "critical"


def component_status(state: str | None, region: str | None) -> str:
    """How an Outage in a state makes its Service look; `region` as for `impact_of`.

    >>> component_status("possible", "US"), component_status("confirmed", "US")
    ('degraded_performance', 'partial_outage')
    >>> component_status("confirmed", None), component_status("over", None)
    ('major_outage', 'operational')
    """
    if state == "possible":
        return DEGRADED
    if state != "confirmed":
        return OPERATIONAL
    return PARTIAL if region else MAJOR
