"""One site for all failure tests; what one of them leaves behind, the next must bear."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from config import commands
from tests.flow.site import Site
from tests.flow.test_server import free_port
from tests.flow.waiting import wait_until


@contextmanager
def folder_for_engines() -> Iterator[Path]:
    """A folder that PostgreSQL can use as a user of its own, when root runs the tests.

    pytest's own temporary folders are closed to others again by every run that begins.
    """
    with tempfile.TemporaryDirectory(prefix="outcry-") as name:
        yield Path(name)


@pytest.fixture
def folder() -> Iterator[Path]:
    """One of them."""
    with folder_for_engines() as made:
        yield made


@pytest.fixture(scope="session")
def whole_site() -> Iterator[Site]:
    """The engines and a prepared database."""
    with folder_for_engines() as made:
        site = Site(made / "data", free_port())
        yield site
        site.stop_engines()


@pytest.fixture
def site(whole_site: Site) -> Iterator[Site]:
    """The site with its web server, and without any Report, or anything made of one."""
    whole_site.rows("TRUNCATE reports_report, aggregator_minutecount, aggregator_quartercount")
    whole_site.rows("TRUNCATE aggregator_hourcount, aggregator_subscription CASCADE")
    whole_site.rows("TRUNCATE aggregator_outage, aggregator_servicestatus CASCADE")
    whole_site.rows(
        "TRUNCATE aggregator_placestatus, aggregator_expectation, aggregator_socialcount"
    )
    whole_site.rows("TRUNCATE aggregator_evaluationmark, aggregator_enginecheckpoint")
    whole_site.rows("TRUNCATE reports_intakeminute, reports_burst, reports_ban")
    whole_site.rows("TRUNCATE reports_stalebucket")
    whole_site.redis.flushall()
    with whole_site.running(commands.web("127.0.0.1", whole_site.port)):
        wait_until(whole_site.answers, 30, whole_site.told)
        yield whole_site
