"""The Statuspage face of a served site while outages come and go as fast as they can."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.flow.site import Site
from tests.flow.waiting import wait_until
from tests.web.formats.test_statuspage import Document, check

pytestmark = [pytest.mark.flow, pytest.mark.slow]

READERS = 6
ANSWERS = 120


def test_no_answer_of_a_served_site_contradicts_itself(site: Site) -> None:
    service = site.rows("SELECT slug FROM reports_service ORDER BY slug LIMIT 1")[0][0]
    with (
        site.running(("python", "-m", "tests.flow.busy")),
        httpx.Client(base_url=site.url, timeout=30) as client,
        ThreadPoolExecutor(READERS) as readers,
    ):
        wait_until(
            lambda: site.number("SELECT count(*) FROM aggregator_outageevent") > 0, 60, site.told
        )
        before = site.number("SELECT count(*) FROM aggregator_outageevent")
        paths = ["/api/v2/summary.json", f"/services/{service}/api/v2/summary.json"]
        asked = [paths[number % 2] for number in range(ANSWERS)]
        answers = list(readers.map(client.get, asked))
        moves = site.number("SELECT count(*) FROM aggregator_outageevent") - before
    assert {answer.status_code for answer in answers} == {200}
    documents: list[Document] = [answer.json() for answer in answers]
    for path, document in zip(asked, documents, strict=True):
        indicator = document["status"]["indicator"]
        assert (indicator == "none") == (not document["incidents"])
        if path == paths[0]:
            check(document)
    # It was busy, and the answers saw it.
    assert moves > ANSWERS
    assert len({len(one["incidents"]) for one in documents}) > 3
