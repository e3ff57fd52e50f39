"""A counter killed at any point loses and doubles nothing."""

import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command

from aggregator import counting
from aggregator.models import MinuteCount
from reports.models import Report
from tests import factories
from tests.aggregator.truth import assert_counts_are_true, reject

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.slow]
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)

SETUP = """
import os, signal, sys
from datetime import UTC, datetime
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from aggregator import counting, counting_mark, rollups
"""
# Counts once, and dies as soon as the named step of counting is done.
DIES = (
    SETUP
    + """
module, name = sys.argv[1].split(".")
module = {"counting": counting, "counting_mark": counting_mark, "rollups": rollups}[module]
whole = getattr(module, name)
def deadly(*arguments, **options):
    whole(*arguments, **options)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(module, name, deadly)
counting.count(datetime.now(UTC))
"""
)
COUNTS_ON = (
    SETUP
    + """
print("started", flush=True)
while True:
    counting.count(datetime.now(UTC))
"""
)
POINTS = [
    "counting_mark.lock",
    "counting._next_batch",
    "rollups.add",
    "counting._recount_stale",
    "counting_mark.write",
    "counting._count_from",
]


def python(program: str, *arguments: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """A process that runs one of the programs above."""
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)  # noqa: S603 - our own words


def count() -> None:
    """Count, as soon as the database has noticed that the dead counter's session is gone."""
    deadline = time.monotonic() + 20
    while counting.count(datetime.now(UTC)) is None:
        assert time.monotonic() < deadline, "the dead counter's lock stays"
        time.sleep(0.01)


@pytest.mark.parametrize("point", POINTS)
def test_counter_killed_before_its_commit_leaves_everything_to_the_next(
    point: str, environment: dict[str, str]
) -> None:
    count()
    reports = [factories.make_report(at=NOON + timedelta(minutes=n)) for n in range(3)]
    count()
    reject(reports[0])
    factories.make_report(at=NOON)
    with python(DIES, point, environment=environment) as counter:
        assert counter.wait(60) == -signal.SIGKILL
    assert list(MinuteCount.objects.values_list("count", flat=True)) == [1, 1, 1]
    count()
    assert_counts_are_true()


def test_counter_killed_after_its_commit_has_counted_for_good(
    environment: dict[str, str],
) -> None:
    count()
    factories.make_report(at=NOON)
    with python(DIES, "counting.count", environment=environment) as counter:
        assert counter.wait(60) == -signal.SIGKILL
    assert MinuteCount.objects.get().count == 1
    count()
    assert_counts_are_true()


def test_counters_killed_at_any_moment_while_reports_come_in(
    environment: dict[str, str],
) -> None:
    count()
    for _ in range(3):
        with python(COUNTS_ON, environment=environment) as counter:
            assert counter.stdout
            assert counter.stdout.readline() == b"started\n"
            for number in range(40):
                report = factories.make_report(at=NOON + timedelta(seconds=number * 7))
                if number % 5 == 0:
                    reject(report)
            counter.kill()
        call_command("recount", "--check")
    count()
    assert_counts_are_true()
    assert Report.objects.count() == 120
    call_command("recount", "--check")
