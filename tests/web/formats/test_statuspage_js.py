"""The npm client `statuspage.js`, unmodified, against our face."""

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from aggregator.models.outage import State
from aggregator.statuspage_ids import Kind, id_of
from reports.models import Service
from tests.readable import make_outage

PACKAGE = "statuspage.js@1.0.17"
ASK = """
const {Statuspage} = require('statuspage.js');
const page = new Statuspage('any');
page.axios.defaults.baseURL = process.argv[1];
const kind = value => value instanceof Date ? 'Date' : typeof value;
const ids = JSON.parse(process.argv[2]);
(async () => {
  const all = {};
  for (const method of ['summary', 'status', 'components', 'allIncidents', 'unresolvedIncidents',
      'allScheduledMaintenances', 'activeScheduledMaintenances', 'upcomingScheduledMaintenances'])
    all[method] = await page[method]();
  const [incident] = all.summary.incidents;
  const kinds = Object.fromEntries(
    ['id', 'created_at', 'updated_at', 'started_at', 'name'].map(k => [k, kind(incident[k])]));
  const names = all.components.components.map(part => [kind(part.id), kind(part.name)]);
  const datelike = ids.filter(id => !isNaN(Date.parse(id)));
  console.log(JSON.stringify({all, kinds, names, datelike}));
})();
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client installed."""
    npm = shutil.which("npm")
    if npm is None:
        # Where all tests must run, a missing npm is a failure.
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no npm to install the client with")
    folder = tmp_path_factory.mktemp("npm")
    command = [str(npm), "install", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own words
    return folder


@pytest.mark.slow
def test_statuspage_js_reads_the_site_and_a_service(site: str, library: Path) -> None:
    now = datetime.now(UTC)
    make_outage("claude", now - timedelta(hours=1))
    make_outage("aws", now - timedelta(hours=9), regions=["US"], state=State.OVER)
    # The trap: a name that looks like a date becomes one. It must not break the rest.
    Service.objects.create(
        slug="year", name="2026", category=Service.objects.get(slug="aws").category
    )
    found = ask(library, f"{site}/api/v2")
    everything = found["all"]
    assert everything["status"]["status"]["indicator"] == "major"
    assert len(everything["allIncidents"]["incidents"]) == 2
    assert len(everything["unresolvedIncidents"]["incidents"]) == 1
    assert everything["upcomingScheduledMaintenances"]["scheduled_maintenances"] == []
    assert found["kinds"] == {
        "id": "string",
        "created_at": "Date",
        "updated_at": "Date",
        "started_at": "Date",
        "name": "string",
    }
    assert all(kind == "string" for kind, _ in found["names"])
    assert [name for _, name in found["names"]].count("Date") == 1
    assert found["datelike"] == []
    own = ask(library, f"{site}/services/claude/api/v2")["all"]
    assert own["status"]["status"]["description"] == "Major Service Outage"


def ask(library: Path, address: str) -> dict[str, Any]:
    """What the client makes of a page."""
    ids = [id_of(kind, key) for kind in Kind for key in range(400)]
    done = subprocess.run(  # noqa: S603 - our own words
        ["node", "-e", ASK, address, json.dumps(ids)],  # noqa: S607 - comes with npm
        cwd=library,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
