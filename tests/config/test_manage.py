"""What `manage.py` says where its database is not as it should be."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"path": "/postgres"}, "run `manage.py prepare` first"),
        ({"query": "host=/nowhere"}, "The database did not answer: "),
    ],
    ids=["without tables", "nobody there"],
)
def test_command_says_what_is_missing(
    changed: dict[str, str], told: str, environment: dict[str, str], django_db_setup: None
) -> None:
    url = urlsplit(environment["OUTCRY_DATABASE_URL"])._replace(**changed).geturl()
    run = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, str(MANAGE), "explain", "1"],
        env={**environment, "OUTCRY_DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 1
    assert told in run.stderr
    assert "Traceback" not in run.stderr
