"""The live system and a replay of its exported counts tell the same outages."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import call_command

from aggregator import evaluation, sensitivities
from aggregator.clock import minute_of, start_of
from aggregator.models import Outage, OutageEvent
from reports.trail import Doing
from tests.aggregator.crowds import burst, counted_until, quiet_day
from tests.factories import service

T = minute_of(datetime(2026, 3, 18, 14, 0, tzinfo=UTC))


@pytest.mark.slow
@pytest.mark.django_db
def test_replay_of_exported_counts_tells_the_same_outages(tmp_path: Path) -> None:
    for slug in ("claude", "github"):
        for region in ("US-CA", "DE", ""):
            quiet_day(slug, T, days=3, region=region)
    burst("claude", T, minutes=25)
    burst("github", T + 300, minutes=12, reports=30)
    sensitivities.take_site_default("normal,100:high", start_of(T - 4320))
    later = Doing(None, "Match nights.", start_of(T + 200))
    sensitivities.change(service("github"), "low", later)
    for minute in range(T - 2880, T + 600, 97):
        counted_until(minute)
        evaluation.evaluate(start_of(minute))
    evaluation.forget()

    counts, found = tmp_path / "counts.csv", tmp_path / "outages.ndjson"
    span = {"from": "2026-03-15T00:00Z", "to": "2026-03-19T00:00Z"}
    call_command(
        "export", f"--from={span['from']}", f"--to={span['to']}", "--replay", f"--out={counts}"
    )
    held = tmp_path / "sensitivity.csv"
    call_command("sensitivity", f"--out={held}")
    links = tmp_path / "dependencies.csv"
    links.write_text("service,depends_on\nclaude,aws\n")
    files = [f"--counts={counts}", f"--dependencies={links}", f"--sensitivity={held}"]
    call_command("replay", *files, f"--out={found}")

    told = [json.loads(line) for line in found.read_text().splitlines()]
    live = [
        {
            "service": outage.service.slug,
            "region": outage.region_id,
            "started_at": _z(outage.started_at),
            "detected_at": _z(outage.detected_at),
            "confirmed_at": _z(outage.confirmed_at),
            "ended_at": _z(outage.ended_at),
            "peak_count": outage.peak_count,
        }
        for outage in Outage.objects.select_related("service").order_by("detected_at")
    ]
    assert len(live) == 2
    steps = {event.numbers["sensitivity"] for event in OutageEvent.objects.all()}
    assert steps == {"high", "low"}
    assert [{name: one[name] for name in live[0]} for one in told] == live


def _z(instant: datetime | None) -> str | None:
    return None if instant is None else instant.strftime("%Y-%m-%dT%H:%M:%SZ")
