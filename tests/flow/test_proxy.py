"""The caching proxy as shipped, in front of a site that goes away."""

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from config import commands
from config.env import PROJECT_ROOT
from tests.flow.site import Site as WholeSite
from tests.flow.test_server import free_port
from tests.flow.waiting import wait_until

pytestmark = [
    pytest.mark.flow,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="needs nginx (Debian: nginx-light)"),
]


class Site(BaseHTTPRequestHandler):
    """A site that lets its pages be kept for a second."""

    def do_GET(self) -> None:
        """The page, naming who asked."""
        language = self.headers["Accept-Language"]
        body = f"asked by {self.headers['X-Forwarded-For']} in {language}".encode()
        self.send_response(200)
        self.send_header("Vary", "Accept-Language")
        self.send_header("Cache-Control", "public, max-age=1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def site(port: int = 0) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", port), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def proxy(folder: Path, upstream: int) -> Iterator[str]:
    port = free_port()
    text = (PROJECT_ROOT / "deploy" / "nginx.conf").read_text()
    for before, after in {
        "/tmp/": f"{folder}/",  # noqa: S108 - replaced
        "/var/cache/nginx": str(folder),
        "http://web:8000": f"http://127.0.0.1:{upstream}",
        "listen 8080": f"listen 127.0.0.1:{port}",
        "/dev/stderr": str(folder / "log"),
        "worker_processes auto": "daemon off; user root; worker_processes 1",
    }.items():
        assert before in text
        text = text.replace(before, after)
    config = folder / "nginx.conf"
    config.write_text(text)
    process = subprocess.Popen(["nginx", "-c", config])  # noqa: S603, S607 - our own words
    try:
        wait_until(lambda: answers(f"http://127.0.0.1:{port}/proxy-healthz"))
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def answers(url: str) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(url).status_code == 200
    return False


def test_the_proxy_serves_the_last_page_when_the_site_is_down(tmp_path: Path) -> None:
    port = free_port()
    with proxy(tmp_path, port) as address:
        with site(port):
            first = httpx.get(f"{address}/", headers={"X-Forwarded-For": "192.0.2.1"})
        wait_until(lambda: httpx.get(f"{address}/").headers["X-Cache"] != "HIT")
        kept = httpx.get(f"{address}/")

    assert first.headers["X-Cache"] == "MISS"
    # What the sender claims is not passed on.
    assert first.text == "asked by 127.0.0.1 in en"
    assert kept.headers["X-Cache"] in {"STALE", "UPDATING"}
    assert kept.status_code == 200
    assert kept.text == first.text


PAGES = ["/", "/services/claude/", "/map/", "/de/outages/", "/api/v1/services/claude"]


def _ageless(page: httpx.Response) -> str:
    """A page without how many minutes old its numbers are: it may be fetched once more."""
    return re.sub(r'<p class="old".*?</p>', "", page.text)


def test_the_proxy_serves_our_own_pages_when_the_database_and_then_the_site_is_gone(
    whole_site: WholeSite, tmp_path: Path
) -> None:
    whole_site.rows("TRUNCATE aggregator_evaluationmark")
    whole_site.rows(
        "INSERT INTO aggregator_evaluationmark (evaluated_until) VALUES ('2026-03-18 14:05+00')"
    )

    def from_cache() -> dict[str, httpx.Response]:
        return {path: httpx.get(address + path) for path in PAGES}

    def is_stale() -> bool:
        # Every page is kept for ten seconds.
        states = {one.headers["X-Cache"] for one in from_cache().values()}
        return states <= {"STALE", "UPDATING"}

    with proxy(tmp_path, whole_site.port) as address:
        with whole_site.running(commands.web("127.0.0.1", whole_site.port)):
            wait_until(whole_site.answers, 30, whole_site.told)
            first = from_cache()
            with whole_site.without_database():
                wait_until(is_stale)
                alone = httpx.get(whole_site.url, timeout=60)
                without_database = from_cache()
        without_site = from_cache()

    assert {one.status_code for one in first.values()} == {200}
    assert alone.status_code == 503
    for kept in (without_database, without_site):
        assert {one.status_code for one in kept.values()} == {200}
        assert [_ageless(one) for one in kept.values()] == [_ageless(one) for one in first.values()]
    # The page itself says how old it is.
    assert 'Numbers as of <time datetime="2026-03-18T14:05:00Z"' in without_site["/"].text


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
def test_the_proxy_keeps_what_is_for_machines_inside(tmp_path: Path, path: str) -> None:
    with site() as upstream, proxy(tmp_path, upstream) as address:
        assert httpx.get(address + path).status_code == 404


def test_the_proxy_never_keeps_what_moderators_see(tmp_path: Path) -> None:
    with site() as upstream, proxy(tmp_path, upstream) as address:
        for _ in range(2):
            assert "X-Cache" not in httpx.get(f"{address}/admin/").headers


def test_the_proxy_keeps_a_page_once_for_each_language(tmp_path: Path) -> None:
    with site() as upstream, proxy(tmp_path, upstream) as address:

        def ask(accepted: str, path: str = "/") -> tuple[str, str]:
            answer = httpx.get(address + path, headers={"Accept-Language": accepted})
            return answer.text.rpartition(" ")[2], answer.headers["X-Cache"]

        assert ask("de-AT,de;q=0.9") == ("de", "MISS")
        assert ask("it, de;q=0.5, en;q=0.4") == ("de", "HIT")
        assert ask("ja") == ("ja", "MISS")
        assert ask("") == ("en", "MISS")
        assert ask("*") == ("en", "HIT")
        assert ask("den-XX,fr") == ("fr", "MISS")
        # What is for machines is kept once.
        assert ask("de", "/api/v1/services")[1] == "MISS"
        assert ask("ja", "/api/v1/services")[1] == "HIT"
