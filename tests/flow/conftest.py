"""One site for all failure tests; what one of them leaves behind, the next must bear."""

from collections.abc import Iterator

import pytest

from config import commands
from tests.flow.site import Site
from tests.flow.test_server import free_port
from tests.flow.waiting import wait_until


@pytest.fixture(scope="session")
def whole_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The engines and a prepared database."""
    made = Site(tmp_path_factory.mktemp("site") / "data", free_port())
    yield made
    made.stop_engines()


@pytest.fixture
def site(whole_site: Site) -> Iterator[Site]:
    """The site with its web server, and without any Report."""
    whole_site.rows("TRUNCATE reports_report, aggregator_minutecount, aggregator_quartercount")
    whole_site.rows("TRUNCATE aggregator_hourcount, aggregator_alert, aggregator_subscription")
    whole_site.redis.flushall()
    with whole_site.running(commands.web("127.0.0.1", whole_site.port)):
        wait_until(whole_site.answers, 30, whole_site.told)
        yield whole_site
