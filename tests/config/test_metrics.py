"""`/metrics` as parsers read it, and the documents and files that name its metrics."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from django.test import Client
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

from aggregator.metrics import OFFICIAL_POLLS
from config.env import PROJECT_ROOT

OPENMETRICS = "application/openmetrics-text; version=1.0.0; q=0.9, text/plain; q=0.5"
NAME = re.compile(r"\boutcry_[a-z_]+")
PIECES = ("_total", "_bucket", "_count", "_sum", "_created")


def documented() -> set[str]:
    """The metrics of docs/metrics.md."""
    text = (PROJECT_ROOT / "docs" / "metrics.md").read_text()
    return set(re.findall(r"^\| `(outcry_\w+)`", text, re.MULTILINE))


def families(text: str) -> dict[str, Metric]:
    return {found.name: found for found in openmetrics(text)}  # type: ignore[no-untyped-call]  # theirs


@pytest.mark.django_db
def test_openmetrics_is_read_by_its_reference_parser(client: Client) -> None:
    response = client.get("/metrics", headers={"accept": OPENMETRICS})
    assert response["Content-Type"].startswith("application/openmetrics-text; version=1.0.0")
    text = response.content.decode()
    assert text.endswith("# EOF\n")
    assert text.count("# EOF") == 1
    found = families(text)
    assert found["outcry_database_up"].samples[0].value == 1
    assert found["outcry_reports_accepted"].type == "counter"


@pytest.mark.django_db
def test_who_does_not_ask_for_openmetrics_gets_the_older_text(client: Client) -> None:
    response = client.get("/metrics")
    assert response["Content-Type"].startswith("text/plain; version=0.0.4")
    names = {found.name for found in prometheus(response.content.decode())}
    assert "outcry_outages_open" in names


@pytest.mark.django_db
def test_every_metric_is_documented_and_every_document_is_true(client: Client) -> None:
    # Workers count these; here their module is loaded for its name alone.
    assert OFFICIAL_POLLS.describe()
    text = client.get("/metrics", headers={"accept": OPENMETRICS}).content.decode()
    ours = {
        name + ("_total" if found.type == "counter" else "")
        for name, found in families(text).items()
        if name.startswith("outcry_")
    }
    # Lags are unknown before the first counting and evaluation.
    late = {"outcry_counting_lag_seconds", "outcry_evaluation_lag_seconds"}
    assert ours | late == documented()


@pytest.mark.django_db
def test_no_label_grows_with_what_people_send(client: Client) -> None:
    text = client.get("/metrics", headers={"accept": OPENMETRICS}).content.decode()
    labels = {
        label
        for name, found in families(text).items()
        if name.startswith("outcry_")
        for sample in found.samples
        for label in sample.labels
    }
    assert labels <= {"channel", "outcome", "reason", "source", "le"}


def expressions() -> Iterator[str]:
    """What the rules and the dashboard ask for."""
    rules = PROJECT_ROOT / "deploy" / "prometheus" / "outcry.rules.yml"
    for group in yaml.safe_load(rules.read_text())["groups"]:
        yield from (rule["expr"] for rule in group["rules"])
    board = json.loads((PROJECT_ROOT / "deploy" / "grafana" / "outcry.json").read_text())
    for panel in board["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def test_rules_and_dashboard_name_only_metrics_that_exist() -> None:
    known = documented()
    asked = [name for one in expressions() for name in NAME.findall(one)]
    assert len(asked) > 15
    for name in asked:
        plain = next((name.removesuffix(end) for end in PIECES[1:] if name.endswith(end)), name)
        assert plain in known, name


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool here")
def test_prometheus_accepts_the_rules() -> None:
    done = subprocess.run(  # noqa: S603 - our own words
        ["promtool", "check", "rules", PROJECT_ROOT / "deploy" / "prometheus" / "outcry.rules.yml"],  # noqa: S607
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_metrics_of_several_processes_are_one_answer(tmp_path: Path) -> None:
    work = "from aggregator.metrics import OFFICIAL_POLLS\nOFFICIAL_POLLS.labels('same').inc(3)\n"
    read = (
        "import django, os; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'\n"
        "django.setup()\n"
        "from django.test import RequestFactory\n"
        "from config.health import metrics\n"
        f"ask = RequestFactory().get('/metrics', headers={{'accept': '{OPENMETRICS}'}})\n"
        "print(metrics(ask).content.decode(), end='')\n"
    )
    environment = {
        "PATH": "",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "OUTCRY_SECRET_KEY": "only for tests, as nobody else can reach them",
        "OUTCRY_DATABASE_URL": "postgresql:///nowhere?host=/nowhere",
        "OUTCRY_REDIS_URL": "redis://unused",
        "OUTCRY_LOG_LEVEL": "CRITICAL",
    }
    for program in (work, work):
        run(program, environment)
    found = families(run(read, environment))
    (sample,) = found["outcry_official_polls"].samples
    assert (sample.labels, sample.value) == ({"outcome": "same"}, 6)
    assert found["outcry_database_up"].samples[0].value == 0


def run(program: str, environment: dict[str, str]) -> str:
    """A program in a process of its own; what it printed."""
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-c", program],
        cwd=PROJECT_ROOT,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
